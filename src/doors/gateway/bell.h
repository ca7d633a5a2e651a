// SPDX-License-Identifier: Apache-2.0
// Wakes the one coroutine that waits for answers of guards or of the disk.
// Threads: made, waited for and rung on one io_context; ring_from_elsewhere() from any thread. Held by shared_ptr, so
// that late callbacks find it, or find it gone.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>

#include "doors/gateway/exchange.h"

namespace anechoic::gateway {

struct Exchange::Bell : std::enable_shared_from_this<Exchange::Bell> {
  explicit Bell(const boost::asio::any_io_executor& executor) : timer(executor) {}

  void ring() {
    rung = true;
    timer.cancel();
  }
  // Waits until it has been rung since the last wait, or the time is over.
  boost::asio::awaitable<void> wait(std::chrono::steady_clock::duration most) {
    if (!rung) {
      timer.expires_after(most);
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    rung = false;
  }

  boost::asio::steady_timer timer;
  bool rung = false;
  unsigned remembering = 0;  // mixed results on their way to the disk
};

}  // namespace anechoic::gateway
