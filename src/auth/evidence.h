// SPDX-License-Identifier: Apache-2.0
// Everything that is known of who really sent a message, and the answer that matters: which addresses are *proved*, by
// what, and why the others are not (R20). "Could not be found out" is unknown, never no.   Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/arc/verify.h"
#include "auth/dkim/verify.h"
#include "auth/dmarc/evaluate.h"
#include "auth/spf/check.h"

namespace anechoic::auth {

enum class By : std::uint8_t { Spf, Dkim, Submission };
[[nodiscard]] std::string_view to_string(By by);  // "spf", "dkim", "submission"

// The places of an address in a message.
enum class Place : std::uint8_t { ReversePath, From, Sender, ReplyTo };
[[nodiscard]] std::string_view to_string(Place place);  // "reverse-path", "from" ...

struct Proved {
  std::string address;  // local part as written, domain in lower case
  Place place = Place::ReversePath;
  By by = By::Spf;
  std::string domain;  // that passed and is aligned
  friend bool operator==(const Proved&, const Proved&) = default;
};

enum class Unproved : std::uint8_t { No, Unknown };
[[nodiscard]] std::string_view to_string(Unproved value);

struct NotProved {
  std::string address;
  Place place = Place::ReversePath;
  Unproved value = Unproved::No;
  std::string because;  // for people
  friend bool operator==(const NotProved&, const NotProved&) = default;
};

struct Evidence {
  std::optional<spf::Outcome> spf;   // MAIL FROM, or postmaster@HELO for the null sender; nullopt = not asked
  std::optional<spf::Outcome> helo;  // the HELO identity beside it; nullopt = not asked
  std::optional<std::vector<dkim::Outcome>> dkim;  // nullopt = no message was shown
  std::optional<arc::Outcome> arc;
  std::optional<dmarc::Outcome> dmarc;
  // One row per address and evidence; an address that stands in several places is listed once for each.
  std::vector<Proved> proved;
  std::vector<NotProved> not_proved;

  [[nodiscard]] bool is_proved(std::string_view address) const;  // exact local part, domain in any case
};

}  // namespace anechoic::auth
