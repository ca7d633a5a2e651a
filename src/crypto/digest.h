// SPDX-License-Identifier: Apache-2.0
// Message digests.   Errors: none (OpenSSL's own failure to allocate throws std::bad_alloc).   Threads: none; one
// owner.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace anechoic::crypto {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  [[nodiscard]] Sha256 copy() const;   // goes on by itself
  [[nodiscard]] std::string finish();  // 32 octets; the digest is of no use afterwards
  [[nodiscard]] std::string hex();     // the same in 64 lower-case hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::crypto
