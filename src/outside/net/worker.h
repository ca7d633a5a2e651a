// SPDX-License-Identifier: Apache-2.0
// A bounded pool of threads for what blocks: fsync, name look-ups, loading files. The io_context's threads never do.
//
// run(job) performs `job` on a thread of the pool and resumes the caller on its own executor with the result.
// Errors: Exhausted (the queue is full: a temporary failure), and what the job returns. A job must not throw.
// Threads: run() from any. Lifetime: finish(), which the destructor calls, performs what is queued, then joins. An
// io_context that had callers outlives that: a thread may still be leaving post() when the caller has long gone on.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"

namespace anechoic::net {

class Worker {
 public:
  using Job = std::move_only_function<void()>;

  // `name`: of the threads (15 characters of it), and in errors.
  Worker(std::string name, unsigned threads, std::size_t queue_limit);
  ~Worker();
  // No job is taken afterwards. Once, and by one thread.
  void finish();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  template <typename T>
  [[nodiscard]] boost::asio::awaitable<Result<T>> run(std::move_only_function<Result<T>()> job);

  // Without waiting for it; false: the queue is full, `job` is destroyed.
  [[nodiscard]] bool submit(Job job);
  [[nodiscard]] std::size_t queued() const;

 private:
  void work();
  // A place in the queue, which enqueue() then fills.
  [[nodiscard]] bool reserve();
  void enqueue(Job job);
  [[nodiscard]] Failure full() const;

  const std::string name_;
  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t reserved_ = 0;  // places taken, filled or not
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

template <typename T>
boost::asio::awaitable<Result<T>> Worker::run(std::move_only_function<Result<T>()> job) {
  namespace asio = boost::asio;
  if (!reserve()) co_return full();
  auto initiate = [this](auto handler, std::move_only_function<Result<T>()> what) {
    const auto executor = asio::get_associated_executor(handler);
    enqueue([what = std::move(what), handler = std::move(handler), executor,
             work = asio::make_work_guard(executor)]() mutable {
      Result<T> result = what();
      // The guard goes along: this thread must not touch the context once the caller may have gone on.
      asio::post(executor, [handler = std::move(handler), result = std::move(result),
                            work = std::move(work)]() mutable { std::move(handler)(std::move(result)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::deferred_t&, void(Result<T>)>(std::move(initiate), asio::deferred,
                                                                                    std::move(job));
}

}  // namespace anechoic::net
