// SPDX-License-Identifier: Apache-2.0
// Finds the Authentication-Results fields of a message that claim to be ours, so that they can be left out (RFC 8601
// 5).
//
// Reads lines up to the first empty one, whatever stands between, because a reader behind us may go on where others see
// the header end. The message is fed from its beginning, line ends CRLF, in any pieces.
// Memory: one field of at most kFieldBytes; a longer one of that name is taken for ours. Lifetime: the names outlive
// it. Threads: none; one owner.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "outside/spool/spool.h"

namespace anechoic::gateway {

class OwnResults {
 public:
  static constexpr std::size_t kFieldBytes = 16 * 1024;

  // `names`: authserv-ids that are ours.
  explicit OwnResults(std::span<const std::string> names) : names_(names) {}
  void feed(std::string_view bytes);
  void finish();  // the message ended
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] std::vector<spool::Range> take() { return std::move(found_); }

 private:
  void on_line();
  void end_field(std::uint64_t at);

  std::span<const std::string> names_;
  std::vector<spool::Range> found_;
  std::string line_;
  bool line_too_long_ = false;
  std::uint64_t line_at_ = 0;
  std::uint64_t at_ = 0;
  std::string value_;  // of the field that is looked at
  std::uint64_t field_at_ = 0;
  bool in_field_ = false;  // ... there is one
  bool too_long_ = false;  // ... and more of it came than is kept
  bool done_ = false;
};

[[nodiscard]] Result<std::vector<spool::Range>> find_own_results(spool::Spool& message,
                                                                 std::span<const std::string> names);

}  // namespace anechoic::gateway
