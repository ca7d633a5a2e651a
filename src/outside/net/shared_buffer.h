// SPDX-License-Identifier: Apache-2.0
// The one receive buffer of an io_context: whoever reads uses it up before anybody else runs. Inner part of the room.
// Threads: those of the io_context, which is one (DESIGN 3c).
#pragma once

#include <boost/asio/execution_context.hpp>
#include <cstddef>
#include <memory>

namespace anechoic::net {

class SharedBuffer final : public boost::asio::execution_context::service {
 public:
  using key_type = SharedBuffer;
  static constexpr std::size_t kSize = 64 * 1024;
  inline static boost::asio::execution_context::id id;  // Asio finds the service by it

  explicit SharedBuffer(boost::asio::execution_context& context)
      : service(context), bytes_(std::make_unique_for_overwrite<char[]>(kSize)) {}
  [[nodiscard]] char* data() { return bytes_.get(); }

 private:
  void shutdown() override {}
  std::unique_ptr<char[]> bytes_;
};

}  // namespace anechoic::net
