// SPDX-License-Identifier: Apache-2.0
// Key bytes of MACs: never copied by accident, wiped when freed.
//
// A key file holds one key: its octets are the key as they stand, but for one line end behind them; so the text that
// another program's configuration holds as its key is the same key here.
// Errors: Syntax (too short), Limit (too long); Refused for a file that others may read; Io.   Threads: values.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::crypto {

class Secret {
 public:
  static constexpr std::size_t kMinFileOctets = 16;
  static constexpr std::size_t kMaxFileOctets = 4096;

  Secret() = default;
  explicit Secret(std::string_view octets);
  // 32 random octets as 64 hexadecimal digits: may be written into a file, and is as long as the longest that Exim
  // takes.
  [[nodiscard]] static Secret generate();
  // A file of mode 0600 or stricter.
  [[nodiscard]] static Result<Secret> read_file(const std::string& path);

  [[nodiscard]] std::string_view octets() const { return {octets_.get(), size_}; }  // as long as this lives
  [[nodiscard]] bool empty() const { return size_ == 0; }

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

 private:
  void wipe();

  std::unique_ptr<char[]> octets_;
  std::size_t size_ = 0;
};

// Wipes what was in `text` and empties it; the compiler does not leave it out.
void wipe(std::string& text);

}  // namespace anechoic::crypto
