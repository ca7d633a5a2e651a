// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict/verdict.h"

#include <utility>

namespace anechoic::judge {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::Accept:
      return "accept";
    case Action::Reject:
      return "reject";
    case Action::Defer:
      return "defer";
    case Action::Quarantine:
      return "quarantine";
    case Action::Suppress:
      return "suppress";
  }
  std::unreachable();
}

Verdict::Verdict(Action action, smtp::Reply reply, Reason reason) : action_(action), reply_(std::move(reply)) {
  reasons_.push_back(std::move(reason));
}

Verdict Verdict::refuse(smtp::Reply reply, Reason reason) {
  const Action action = reply.permanent() ? Action::Reject : Action::Defer;
  return {action, std::move(reply), std::move(reason)};
}

Verdict& Verdict::because(Reason also) {
  reasons_.push_back(std::move(also));
  return *this;
}

Verdict& Verdict::ask_for_no_dsn() {
  notify_never_ = true;
  return *this;
}

}  // namespace anechoic::judge
