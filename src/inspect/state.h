// SPDX-License-Identifier: Apache-2.0
// What a Session keeps between its stages, and the softening of refusals; private to the room.
#pragma once

#include <optional>

#include "inspect/transaction.h"

namespace anechoic::inspect {

struct Session::State {
  Inspector& inspector;
  std::shared_ptr<const judge::Ruleset> ruleset;
  SessionId id;
  judge::Client client;
  std::string helo;
  bool greeted;
  WallTime at;
  SteadyTime started;
  std::uint32_t transactions;
  bool finished;
  std::optional<judge::Verdict> refused;  // by connect or helo

  [[nodiscard]] judge::Verdict decided(judge::Stage stage);
};

// soft_bounce: a 5xx of ours becomes the 4xx of the same last digits (R2).
[[nodiscard]] judge::Verdict soften(judge::Verdict verdict, const judge::Ruleset& ruleset);

}  // namespace anechoic::inspect
