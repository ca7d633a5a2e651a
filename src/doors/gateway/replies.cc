// SPDX-License-Identifier: Apache-2.0
#include "doors/gateway/replies.h"

#include "crypto/digest.h"

namespace anechoic::gateway {

namespace replies {
smtp::Reply greeting(const std::string& hostname) {
  return {220, {}, hostname + " ESMTP Anechoic"};
}
smtp::Reply hello(const std::string& name) {
  return {250, {}, name};
}
smtp::Reply sender_ok() {
  return {250, {2, 1, 0}, "Sender ok"};
}
smtp::Reply start_input() {
  return {354, {}, "End data with <CR><LF>.<CR><LF>"};
}
smtp::Reply no_room() {
  return {452, {4, 3, 1}, "No room to take the message in, please try again later"};
}
smtp::Reply internal_error() {
  return {451, {4, 3, 0}, "Local trouble, please try again later"};
}
smtp::Reply source_down() {
  return {451, {4, 4, 3}, "Can't tell whether the recipient exists, please try again later"};
}
smtp::Reply too_many_connections() {
  return {421, {4, 7, 0}, "Too many connections, please try again later"};
}
smtp::Reply timed_out() {
  return {421, {4, 4, 2}, "Waited too long, closing the connection"};
}
smtp::Reply shutting_down() {
  return {421, {4, 3, 2}, "Shutting down, please try again later"};
}
}  // namespace replies

smtp::Reply with_id(smtp::Reply reply, const std::string& id) {
  reply.text += " [" + id + "]";
  return reply;
}

std::string recipient_domain(const mail::ForwardPath& path, const judge::Ruleset& ruleset) {
  if (!path.mailbox.domain.empty()) return path.mailbox.domain;
  if (ruleset.policy_of(ruleset.hostname) != nullptr || ruleset.domains.empty()) return ruleset.hostname;
  return ruleset.domains.begin()->first;
}

mail::ForwardPath with_domain(const mail::ForwardPath& path, const judge::Ruleset& ruleset) {
  return {{path.mailbox.local, recipient_domain(path, ruleset)}};
}

Result<std::string> body_key(spool::Spool& body) {
  crypto::Sha256 digest;
  for (std::uint64_t offset = 0;;) {
    const auto piece = body.read(offset, 64 * 1024);
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    digest.update(*piece);
    offset += piece->size();
  }
  return digest.hex();
}

}  // namespace anechoic::gateway
