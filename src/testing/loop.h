// SPDX-License-Identifier: Apache-2.0
// Runs coroutines in a test, on an io_context of its own. A coroutine that does not end within 20 s fails the test.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>

#include "outside/net/deadline.h"

namespace anechoic::testing {

class Loop {
 public:
  boost::asio::io_context context{1};
  net::DeadlineWheel wheel{context};

  template <typename T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> result;
    run(keep(std::move(task), result));
    return std::move(*result);
  }

  void run(boost::asio::awaitable<void> task) {
    bool done = false;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
      done = true;
    });
    run_until([&] { return done; });
  }

  // Runs on beside the test's own coroutine.
  void spawn(boost::asio::awaitable<void> task) {
    boost::asio::co_spawn(context, std::move(task), boost::asio::detached);
  }

  void run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    context.restart();
    while (!done()) {
      if (context.run_one_until(end) == 0) throw std::runtime_error("the coroutine does not end");
    }
  }

  void run_for(std::chrono::milliseconds time) {
    context.restart();
    context.run_for(time);
  }

 private:
  template <typename T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
  }
};

// A deadline that a test does not mean to meet.
inline SteadyTime in_a_while() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(15);
}

inline SteadyTime within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace anechoic::testing
