// SPDX-License-Identifier: Apache-2.0
#include "auth/lookup/lookups.h"

#include <algorithm>

namespace anechoic::auth {

std::string_view to_string(Found found) {
  switch (found) {
    case Found::Records:
      return "records";
    case Found::NoRecords:
      return "no such record";
    case Found::NoSuchName:
      return "no such name";
    case Found::TemporaryFailure:
      return "temporary failure";
    case Found::Timeout:
      return "time-out";
    case Found::OverBudget:
      return "not asked: too many look-ups for one message";
  }
  return "";
}

Lookups::Asking Lookups::ask(dns::Name name, dns::Type type) {
  return {*this, Question{std::move(name), type}};
}

bool Lookups::admit() {
  const SteadyTime now = clock_.steady();
  if (asked_ == 0) ends_ = now + budget_.time;
  if (asked_ >= budget_.queries || now >= ends_) {
    ++refused_;
    return false;
  }
  ++asked_;
  return true;
}

bool Lookups::Asking::await_suspend(std::coroutine_handle<> waiting) {
  if (!lookups_.admit()) {
    static const auto kOverBudget = std::make_shared<const Answer>(Answer{.found = Found::OverBudget, .records = {}});
    answer_ = kOverBudget;
    return false;
  }
  const SteadyTime deadline = std::min(lookups_.ends_, lookups_.clock_.steady() + lookups_.budget_.per_query);
  lookups_.resolver_.resolve(question_, deadline, [this](SharedAnswer answer) {
    answer_ = std::move(answer);
    if (waiting_) waiting_.resume();
  });
  if (answer_) return false;
  waiting_ = waiting;
  return true;
}

}  // namespace anechoic::auth
