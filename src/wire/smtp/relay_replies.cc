// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/relay_replies.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace anechoic::smtp {
namespace {

// What servers say when the client in front of them is not one that they relay for. Lower case.
constexpr auto kAboutUs = std::to_array<std::string_view>({
    "relay access denied",      // Postfix
    "relay not permitted",      // Exim
    "relaying denied",          // Sendmail
    "relay denied",             //
    "relaying is denied",       //
    "unable to relay",          // Exchange
    "not permitted to relay",   //
    "client host rejected",     // Postfix, with smtpd_delay_reject
    "helo command rejected",    // Postfix, with smtpd_delay_reject
    "authentication required",  //
});

bool has_word_of_kind(std::string_view text) {
  const std::string lower = ascii::lower(text);
  return std::ranges::any_of(kAboutUs, [&](std::string_view words) { return lower.find(words) != std::string::npos; });
}

}  // namespace

bool is_success(const Reply& reply) {
  return reply.code >= 200 && reply.code < 300;
}

Reply own_reply(const Reply& reply, bool soft) {
  Reply out = reply;
  if (!soft || !reply.permanent()) return out;
  out.code = reply.code == 550 ? 450 : reply.code == 552 ? 452 : 451;
  if (out.enhanced.present()) out.enhanced.klass = 4;
  return out;
}

Reply own_refusal(const Reply& reply, bool soft) {
  if (reply.temporary() || reply.permanent()) return own_reply(reply, soft);
  return {451, {4, 3, 0}, "Internal error, try again later"};
}

bool is_about_us(const Reply& reply, At at, bool identity_passed) {
  if (reply.code == 500 || reply.code == 502 || reply.code == 503) return true;
  if (identity_passed) return false;
  if (reply.code == 530) return true;
  if (at != At::Envelope || reply.code < 400) return false;
  const EnhancedCode& code = reply.enhanced;
  if (code.present() && code.subject == 7 && code.detail == 0) return true;
  // Replies quote addresses: in a reply of another subject these words may be the sender's.
  return (!code.present() || code.subject == 7) && has_word_of_kind(reply.text);
}

Reply misconfigured() {
  return {451, {4, 3, 5}, "The mail system is not configured correctly, try again later"};
}
Reply unreachable() {
  return {451, {4, 4, 1}, "The mail system does not answer, try again later"};
}
Reply silent() {
  return {451, {4, 4, 2}, "The mail system did not confirm the message, try again later"};
}
Reply missing_extension() {
  return {451, {4, 3, 3}, "The mail system can't take this message at the moment, try again later"};
}
Reply mixed_results() {
  return {451, {4, 3, 0}, "Not all recipients could be reached, try again later"};
}
Reply changed_its_mind() {
  return {451, {4, 3, 0}, "A recipient is not accepted any more, try again later"};
}
Reply one_group_at_a_time() {
  return {452, {4, 5, 3}, "Send this recipient in another transaction"};
}
Reply abandoned() {
  return {451, {4, 5, 0}, "The transaction was given up"};
}
Reply no_valid_recipients() {
  return {554, {5, 5, 1}, "No valid recipients"};
}
Reply bad_sequence() {
  return {503, {5, 5, 1}, "Bad sequence of commands"};
}
Reply needs_smtputf8() {
  return {553, {5, 6, 7}, "The address needs SMTPUTF8"};
}
Reply accepted_recipient() {
  return {250, {2, 1, 5}, "Ok"};
}
Reply delivered_before() {
  return {250, {2, 0, 0}, "Ok, delivered before"};
}
Reply delivered_to_all() {
  return {250, {2, 0, 0}, "Ok, delivered to all recipients"};
}

}  // namespace anechoic::smtp
