// SPDX-License-Identifier: Apache-2.0
// Task<T>: a coroutine that is started when it is awaited, for what has to wait in the middle (a look-up) without
// knowing how waiting is done: no threads, no event loop. It is resumed where whatever it waits for calls back.
//
//   Task<int> twice(Task<int> once) { co_return 2 * co_await std::move(once); }
//   start(twice(one()), [](int result) { ... });      // runs now, as far as it gets; `done` is called at the end
//
// Lifetime: the frame of a coroutine owns its parameters (take them by value, or let the caller keep what they refer
// to) and lives until it has returned; a started Task lives by itself. What it waits for must call back exactly once,
// else it is never freed.   Errors: coroutines of Task must not throw (std::terminate).   Threads: none of its own.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace anechoic {

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  // Resumes whoever awaits, without growing the stack.
  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    [[nodiscard]] std::coroutine_handle<> await_suspend(Handle ended) const noexcept {
      return ended.promise().awaiting;
    }
    void await_resume() const noexcept {}
  };

  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> awaiting = std::noop_coroutine();

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    FinalAwaiter final_suspend() noexcept { return {}; }
    template <typename V>
    void return_value(V&& result) {
      value.emplace(std::forward<V>(result));
    }
    void unhandled_exception() { std::terminate(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  [[nodiscard]] T await_resume() { return std::move(*handle_.promise().value); }

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

namespace detail {
// A coroutine that nobody awaits: begins at once, frees itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
}  // namespace detail

// Runs the task; `done` gets its result, perhaps before start() returns.
template <typename T, typename Done>
void start(Task<T> task, Done done) {
  [](Task<T> running, Done then) -> detail::Detached { then(co_await std::move(running)); }(std::move(task),
                                                                                            std::move(done));
}

}  // namespace anechoic
