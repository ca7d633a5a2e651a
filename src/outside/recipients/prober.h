// SPDX-License-Identifier: Apache-2.0
// The port through which a probe source asks a backend about an address without sending mail: MAIL FROM:<>, RCPT, RSET.
//
// `done` is called once (unless the adapter ends first), on any thread and maybe at once, within its deadlines: with
// the reply to RCPT, or with an Error when none was had (no connection, MAIL refused). Adapter: BackendProber. Threads:
// any.
#pragma once

#include <functional>

#include "base/result.h"
#include "mail/address.h"
#include "wire/smtp/reply.h"

namespace anechoic::recipients {

class Prober {
 public:
  using Done = std::move_only_function<void(Result<smtp::Reply>)>;

  virtual ~Prober() = default;
  virtual void probe(const mail::Mailbox& recipient, Done done) = 0;
};

}  // namespace anechoic::recipients
