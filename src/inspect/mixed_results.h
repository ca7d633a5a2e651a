// SPDX-License-Identifier: Apache-2.0
// The port that remembers an LMTP backend's mixed results for 24 h, so that the retry does not deliver twice (R3).
// put() is durable before `done` is called; find() is answered from memory.   Adapter: outside/store.
// Threads: any; `done` is called on a thread of the adapter's choice and must only post.
#pragma once

#include <functional>
#include <optional>

#include "mail/address.h"
#include "wire/smtp/relay.h"

namespace anechoic::inspect {

class MixedResults {
 public:
  virtual ~MixedResults() = default;
  virtual void put(const smtp::Remember& remember, std::move_only_function<void()> done) = 0;
  [[nodiscard]] virtual std::optional<smtp::Remembered> find(const mail::ReversePath& sender,
                                                             const mail::ForwardPath& recipient) = 0;
};

}  // namespace anechoic::inspect
