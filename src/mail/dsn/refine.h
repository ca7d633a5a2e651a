// SPDX-License-Identifier: Apache-2.0
// The last step of reading: codes, reason and hardness of every recipient, from all that was said.
// Total, linear.   Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "mail/dsn/bounce.h"
#include "mail/dsn/dialect.h"

namespace anechoic::mail::dsn {

// What was said about one recipient, from the nearest to the farthest. The first that speaks decides.
struct Said {
  std::string_view hint;        // type of the diagnostic or category, where they tell more than its words
  std::string_view diagnostic;  // of his own
  std::string_view prose;       // of the text for people, about him
  std::string_view beside;      // what tells at which point of the dialogue it was
  std::string_view around;      // prose about nobody in particular
};

// Fills status, reply_code, reason and hard; `recipient` has action, diagnostic and the status of its field.
void refine(Recipient& recipient, const Said& said);

// The same, with what the text for people says (either may be null), which also fills what is missing.
void refine(Recipient& recipient, std::string_view hint, const DialectReading* reading, const DialectRecipient* spoken);

// The worst of the recipients' actions.
[[nodiscard]] Action worst_action(const Bounce& bounce);

}  // namespace anechoic::mail::dsn
