// SPDX-License-Identifier: Apache-2.0
// What was found out of who really sent a message, as far as decide() needs it: plain values. The evidence itself is
// auth's (auth/evidence.h); inspect/sender_guard makes these of it.   Threads: values.
#pragma once

#include <cstdint>
#include <string>

#include "judge/verdict/fact.h"

namespace anechoic::judge {

// A temporary error is no result but an unknown fact.
enum class Spf : std::uint8_t { None, Neutral, Pass, Fail, SoftFail, PermError };

struct Dmarc {
  bool failed = false;
  bool asks_for_reject = false;  // p=reject as it applies to that domain, after t=y
  std::string domain{};          // of From
  friend bool operator==(const Dmarc&, const Dmarc&) = default;
};

struct Sender {
  Fact<Spf> spf;                   // of the reverse-path, or of HELO for the null sender
  Fact<bool> reverse_path_proved;  // R20; not asked for the null sender
  Fact<bool> vouched;              // does a signature over the whole body, or a chain of listed sealers, stand?
  Fact<Dmarc> dmarc;
};

// What is done about it. Observe: only written down.
enum class Mode : std::uint8_t { Observe, Enforce };
struct SenderModes {
  Mode spf = Mode::Observe;
  Mode dmarc = Mode::Observe;
  Mode own_domain = Mode::Observe;
  Mode notify_never = Mode::Observe;
  friend bool operator==(const SenderModes&, const SenderModes&) = default;
};
// Enforced only where both enforce.
[[nodiscard]] SenderModes common(const SenderModes& one, const SenderModes& other);

}  // namespace anechoic::judge
