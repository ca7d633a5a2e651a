// SPDX-License-Identifier: Apache-2.0
// The port to the checks of who really sent a message. Adapter: app/sender_checks.h, over auth::Checks.
// Threads: one object per thread; callbacks come on it, at once or later, once each, never after the SenderCheck is
// gone.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "auth/checks.h"

namespace anechoic::inspect {

// Of one message; the members mean what they mean in auth::Checks.
class SenderCheck {
 public:
  using SpfDone = std::move_only_function<void(const auth::spf::Outcome&)>;
  using Done = std::move_only_function<void(std::shared_ptr<const auth::Evidence>)>;

  virtual ~SenderCheck() = default;
  virtual void envelope(auth::Envelope envelope, SpfDone done) = 0;
  virtual void reverse_path(const mail::ReversePath& path) = 0;
  virtual void message(std::string_view bytes) = 0;
  virtual void finish(Done done) = 0;
};

class SenderChecks {
 public:
  virtual ~SenderChecks() = default;
  [[nodiscard]] virtual std::unique_ptr<SenderCheck> begin() = 0;  // null: they are switched off
};

}  // namespace anechoic::inspect
