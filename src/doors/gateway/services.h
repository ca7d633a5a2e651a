// SPDX-License-Identifier: Apache-2.0
// What a gateway needs from the rest of the program, on one thread. Everything outlives the Server.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "inspect/mixed_results.h"
#include "inspect/transaction.h"
#include "outside/net/deadline.h"
#include "outside/net/quota.h"
#include "outside/spool/spool.h"

namespace anechoic::gateway {

// What the gateway tells about itself. Called on the gateway's thread; must not block.
struct Observer {
  std::function<void()> opened = [] {};  // a client was admitted
  std::function<void()> closed = [] {};
  // reasons::kTooManyConnections, kEarlyTalker
  std::function<void(std::string_view reason)> turned_away = [](std::string_view) {};
  std::function<void(bool good)> tls = [](bool) {};  // a handshake has ended
  // A backend refuses *us* (R2).
  std::function<void(std::string_view endpoint, std::string_view text)> alarm = [](std::string_view, std::string_view) {
  };
};

struct Services {
  const Clock& clock;
  IdSource& ids;
  inspect::Inspector& inspector;
  inspect::MixedResults& mixed_results;
  net::DeadlineWheel& wheel;
  net::Quota& connections;
  spool::Quota& spool_quota;
  Observer observer;
};

}  // namespace anechoic::gateway
