// SPDX-License-Identifier: Apache-2.0
// One message's share of the DNS: every check of it asks here, and all of them together get so many questions and so
// much time, since an attacker picks all those names. Questions that a cache answers count, too: the bound must not
// depend on who asked before.
//
// Lifetime: resolver and clock outlive it; it outlives the Tasks that use it. Threads: the resolver's.
#pragma once

#include <chrono>
#include <coroutine>

#include "auth/lookup/resolver.h"
#include "base/task.h"

namespace anechoic::auth {

struct LookupBudget {
  unsigned queries = 60;
  std::chrono::milliseconds time{20'000};  // from the first question on
  std::chrono::milliseconds per_query{5'000};
};

class Lookups {
 public:
  Lookups(Resolver& resolver, const Clock& clock, LookupBudget budget)
      : resolver_(resolver), clock_(clock), budget_(budget) {}
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // co_await lookups.ask(name, type) -> SharedAnswer, never null.
  class Asking;
  [[nodiscard]] Asking ask(dns::Name name, dns::Type type);

  [[nodiscard]] unsigned asked() const { return asked_; }
  [[nodiscard]] bool exhausted() const { return refused_ > 0; }  // was a question refused for the budget?

 private:
  [[nodiscard]] bool admit();

  Resolver& resolver_;
  const Clock& clock_;
  const LookupBudget budget_;
  unsigned asked_ = 0;
  unsigned refused_ = 0;
  SteadyTime ends_{};
};

class Lookups::Asking {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  // False: answered at once.
  [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiting);
  [[nodiscard]] SharedAnswer await_resume() { return std::move(answer_); }

 private:
  friend class Lookups;
  Asking(Lookups& lookups, Question question) : lookups_(lookups), question_(std::move(question)) {}
  Lookups& lookups_;
  Question question_;
  SharedAnswer answer_;
  std::coroutine_handle<> waiting_;  // set once resolve() has returned without an answer
};

}  // namespace anechoic::auth
