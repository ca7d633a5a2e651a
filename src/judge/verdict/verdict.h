// SPDX-License-Identifier: Apache-2.0
// What was decided, and why. A Verdict can't be made without a reason.   Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/smtp/reply.h"

namespace anechoic::judge {

enum class Action : std::uint8_t { Accept, Reject, Defer, Quarantine, Suppress };
[[nodiscard]] std::string_view to_string(Action action);

// The name is one of reasons.h (a closed set: it is a metric label); the detail is for people and may hold text of a
// peer.
struct Reason {
  std::string_view name;
  std::string detail;

  friend bool operator==(const Reason&, const Reason&) = default;
};

class Verdict {
 public:
  [[nodiscard]] static Verdict accept(Reason reason) { return {Action::Accept, {}, std::move(reason)}; }
  // The action follows from the reply's class: 5xx Reject, 4xx Defer.
  [[nodiscard]] static Verdict refuse(smtp::Reply reply, Reason reason);

  [[nodiscard]] Action action() const { return action_; }
  [[nodiscard]] bool accepted() const { return action_ == Action::Accept; }
  [[nodiscard]] const smtp::Reply& reply() const { return reply_; }  // empty (code 0) when accepted
  [[nodiscard]] const std::vector<Reason>& reasons() const { return reasons_; }
  Verdict& because(Reason also);  // adds a reason behind the deciding one
  // Of an accepted recipient: the backend is to be asked for no DSN (R26).
  [[nodiscard]] bool notify_never() const { return notify_never_; }
  Verdict& ask_for_no_dsn();

  friend bool operator==(const Verdict&, const Verdict&) = default;

 private:
  Verdict(Action action, smtp::Reply reply, Reason reason);
  Action action_;
  smtp::Reply reply_;
  std::vector<Reason> reasons_;
  bool notify_never_ = false;
};

}  // namespace anechoic::judge
