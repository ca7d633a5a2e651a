// SPDX-License-Identifier: Apache-2.0
// libunbound's context made from our options, and its results made into answers.   Threads: pure, but for the context.
#pragma once

#include <unbound.h>

#include <memory>

#include "outside/dns/unbound.h"

namespace anechoic::dns {

struct ContextEnd {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using UnboundContext = std::unique_ptr<ub_ctx, ContextEnd>;

// Its thread runs when this returns. Errors as of Unbound::start().
[[nodiscard]] Result<UnboundContext> make_context(const UnboundOptions& options);

// `error`: libunbound's; `result` may be null then.
[[nodiscard]] auth::SharedAnswer answer_of(Type type, int error, const ub_result* result);

}  // namespace anechoic::dns
