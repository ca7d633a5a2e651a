// SPDX-License-Identifier: Apache-2.0
// The port through which the inspector asks whether an address exists, and tells what a live backend said (R10a).
// Adapters: outside/recipients. One object per thread; callbacks come on that thread, at once or later, never after
// cancel().
#pragma once

#include <cstdint>
#include <functional>

#include "judge/verdict/facts.h"
#include "mail/address.h"
#include "wire/smtp/reply.h"

namespace anechoic::inspect {

struct RecipientAnswer {
  judge::Fact<judge::RecipientStatus> status;
  judge::RecipientMode down_mode = judge::RecipientMode::Reject550;  // Facts::down_mode
};

class Recipients {
 public:
  using Callback = std::move_only_function<void(RecipientAnswer)>;
  using Ticket = std::uint64_t;  // 0: already answered

  virtual ~Recipients() = default;
  // `mailbox.domain` is one of ours. Not asked: no source answers for the domain, or none knows anything yet.
  [[nodiscard]] virtual Ticket find(const mail::Mailbox& mailbox, Callback callback) = 0;
  virtual void cancel(Ticket ticket) = 0;
  // A live answer of the backend to RCPT: final, and updates the cache of a probe source.
  virtual void learn(const mail::Mailbox& mailbox, const smtp::Reply& live) = 0;
};

}  // namespace anechoic::inspect
