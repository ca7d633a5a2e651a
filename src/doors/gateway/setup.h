// SPDX-License-Identifier: Apache-2.0
// Everything of the configuration that one thread's gateway serves with. A session keeps the Setup it started with; a
// reload makes a new one and leaves the old to the sessions that still have it. Threads: made for one thread;
// `ruleset`, `tls` and `options` may be shared between the Setups of several.      DESIGN 3c
#pragma once

#include <memory>
#include <vector>

#include "doors/gateway/options.h"
#include "judge/verdict/ruleset.h"
#include "outside/net/tls.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::gateway {

struct Setup {
  std::shared_ptr<const Options> options;
  std::shared_ptr<const judge::Ruleset> ruleset;
  std::shared_ptr<const net::TlsContext> tls;                    // null: STARTTLS is not offered
  std::vector<std::shared_ptr<smtp_client::BackendPool>> pools;  // by GroupId
};

}  // namespace anechoic::gateway
