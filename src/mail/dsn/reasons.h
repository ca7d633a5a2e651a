// SPDX-License-Identifier: Apache-2.0
// From words and codes to a Reason, by the rules of data/bounce_reasons.toml; and whether it is for good.
//
// Total, linear in the text.   Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "mail/dsn/bounce.h"
#include "mail/dsn/reason.h"

namespace anechoic::mail::dsn {

struct Meaning {
  Reason reason = Reason::Undefined;
  std::string_view status;  // that it means; "" = the one of the reason
};

// What the words (UTF-8, any case) say; nothing where no rule fits. Of `beside` only counts at which point of the
// dialogue it was refused. Either code may be "".
[[nodiscard]] std::optional<Meaning> reason_of_text(std::string_view text, std::string_view beside,
                                                    std::string_view status, std::string_view reply_code);
// What the enhanced status alone says; nothing where it is vague.
[[nodiscard]] std::optional<Reason> reason_of_status(std::string_view status);
// What the reply code alone says; nothing for most.
[[nodiscard]] std::optional<Reason> reason_of_reply(std::string_view reply_code);
// The status that stands for a reason where no code was given: "5.1.1"; "" where there is none.
[[nodiscard]] std::string_view status_of_reason(Reason reason, Action action);

// Hard: the address itself is dead, whoever sends whatever to it. By reason and class of the status:
//   user-unknown, user-moved, host-unknown        hard, unless the report is only a delay
//   not-accepting                                 hard; soft with a 4xx code, or without one and with 4.3.x
//   delivered, feedback, auto-reply               not said: nothing failed
//   all else                                      soft: another day, text, size or client may do
[[nodiscard]] std::optional<bool> is_hard(Reason reason, Action action, std::string_view status,
                                          std::string_view reply_code);

}  // namespace anechoic::mail::dsn
