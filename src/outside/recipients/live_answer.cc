// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/live_answer.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace anechoic::recipients {
namespace {

// As backends without enhanced codes say it: Exim, qmail, Exchange, Domino, sendmail.
constexpr std::string_view kUnknownUser[] = {
    "user unknown",        "unknown user",
    "no such user",        "no such address",
    "no such recipient",   "no such mailbox",
    "unknown recipient",   "recipient unknown",
    "unknown address",     "address unknown",
    "user not found",      "recipient not found",
    "mailbox not found",   "unrouteable address",
    "unroutable address",  "invalid recipient",
    "recipient not exist", "user does not exist",
    "user doesn't exist",  "mailbox does not exist",
    "no mailbox here",     "address does not exist",
    "unknown local part",  "no such person",
    "unknown mailbox",     "does not have an account",
    "not a known user",    "recipient does not exist",
};

// In lower case, without the addresses that are quoted in it: their words are the client's.
std::string folded(std::string_view text) {
  std::string words;
  bool quoted = false;
  for (const char c : text.substr(0, 1024)) {
    quoted = c == '<' || (quoted && c != '>');
    if (!quoted) {
      words += ascii::to_lower(c);
    }
  }
  return words;
}

bool says_unknown_user(const std::string& text) {
  return std::ranges::any_of(kUnknownUser,
                             [&](std::string_view phrase) { return text.find(phrase) != std::string::npos; });
}

}  // namespace

Said what_it_says(const smtp::Reply& reply) {
  if (reply.code >= 200 && reply.code < 300) {
    return Said::Exists;
  }
  if (!reply.permanent()) {
    return Said::Nothing;
  }
  const std::string text = folded(reply.text);
  if (text.find("sender") != std::string::npos) {
    return Said::Nothing;
  }
  const smtp::EnhancedCode& code = reply.enhanced;
  if (code.klass == 5 && code.subject == 1 && code.detail == 1) {
    return Said::Absent;
  }
  // 5.0.0 is what sanitising gives a reply that had no enhanced code.
  const bool tells_nothing = !code.present() || (code.subject == 0 && code.detail == 0);
  return reply.code == 550 && tells_nothing && says_unknown_user(text) ? Said::Absent : Said::Nothing;
}

}  // namespace anechoic::recipients
