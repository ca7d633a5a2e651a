// SPDX-License-Identifier: Apache-2.0
// Session and transaction ids: 16 base32 characters (RFC 4648 alphabet, lower case), the same string in reply, log,
// Received, journal and verdict header. The first 13 characters name the session (65 bits: time in ms, process start,
// counter), the last 3 its transaction (0 = the session itself), so the ids of one session stand together when sorted.
// Threads: IdSource may be used from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace anechoic {

class SessionId {
 public:
  SessionId() = default;
  explicit SessionId(std::uint64_t value) : value_(value) {}
  [[nodiscard]] std::uint64_t value() const { return value_; }
  [[nodiscard]] std::string transaction(std::uint32_t number) const;  // 16 characters; number modulo 32768
 private:
  std::uint64_t value_ = 0;
};

// Never gives the same id twice, also when the clock is set back while the process runs.
class IdSource {
 public:
  IdSource(const Clock& clock, std::uint32_t seed);  // seed: random at start, so that two processes do not agree
  [[nodiscard]] SessionId next();

 private:
  const Clock& clock_;
  std::uint32_t seed_;
  std::atomic<std::uint64_t> last_{0};  // time and counter of the last id
};

// Is this text a well-formed transaction id (16 base32 characters)?
[[nodiscard]] bool is_id(std::string_view text);

}  // namespace anechoic
