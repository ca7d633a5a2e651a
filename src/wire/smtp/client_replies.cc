// SPDX-License-Identifier: Apache-2.0
// What a reply of the backend means at each step of the session.                      RFC 5321 4.3.2, RFC 2033 4.2
#include <utility>

#include "wire/smtp/capabilities.h"
#include "wire/smtp/client_commands.h"
#include "wire/smtp/client_state.h"

namespace anechoic::smtp {
namespace {

bool is_success(const Reply& reply) {
  return reply.code >= 200 && reply.code < 300;
}

// 2xx, 4xx or 5xx: the only classes that answer a command other than DATA.
bool is_final(const Reply& reply) {
  return reply.code < 300 || reply.code >= 400;
}

}  // namespace

// The backend says no before MAIL: what its reply means for this connection as a whole.
void ClientSession::State::refused(std::string_view what, Reply reply) {
  const Errc code = reply.permanent() ? Errc::Refused : reply.temporary() ? Errc::Unavailable : Errc::Syntax;
  over(code, what, std::move(reply));
}

void ClientSession::State::on_greeting(Reply reply) {
  if (reply.code != 220) return refused("the backend's greeting is not 220", std::move(reply));
  say_hello();
}

void ClientSession::State::on_hello(Step step, Reply reply) {
  if (reply.code == 250) {
    capabilities = step == Step::Ehlo ? parse_capabilities(reply.text) : Capabilities{};
    const bool wanted = options->tls != TlsUse::Never && !in_tls;
    if (wanted && capabilities.starttls) return command(Step::StartTls, "STARTTLS\r\n");
    return become_ready();
  }
  // RFC 5321 3.2: a server that does not know EHLO is spoken to by HELO. LMTP has nothing to fall back to.
  const bool unknown = reply.code == 500 || reply.code == 502 || reply.code == 504;
  if (step == Step::Ehlo && unknown && options->protocol == Protocol::Smtp) {
    const bool usable = is_host_name(options->hostname);
    return command(Step::Helo, "HELO " + (usable ? options->hostname : std::string("localhost")) + "\r\n");
  }
  refused("the backend refuses our greeting", std::move(reply));
}

void ClientSession::State::on_start_tls(Reply reply) {
  if (reply.code == 220) {
    phase = Phase::Handshake;
    events.push(ClientStartTls{});
  } else if (options->tls == TlsUse::IfOffered && reply.code >= 400) {
    become_ready();
  } else {
    refused("the backend refuses STARTTLS", std::move(reply));
  }
}

void ClientSession::State::become_ready() {
  if (options->tls == TlsUse::Required && !in_tls) return over(Errc::Refused, "the backend does not offer STARTTLS");
  if (options->xforward && capabilities.xforward.empty()) {
    return over(Errc::Refused, "the backend does not offer XFORWARD to us");
  }
  phase = Phase::Ready;
  events.push(Ready{capabilities});
}

void ClientSession::State::on_opening_reply(Step step, Reply reply) {
  if (step == Step::Greeting) return on_greeting(std::move(reply));
  if (step == Step::StartTls) return on_start_tls(std::move(reply));
  on_hello(step, std::move(reply));
}

void ClientSession::State::on_data(Reply reply) {
  if (reply.code == 354) {
    in_body = true;
    stuffer = {};
  } else if (reply.positive()) {
    return over(Errc::Syntax, "the backend's reply to DATA is neither 354 nor a refusal");
  }
  events.push(BackendEvent(DataReply{std::move(reply)}));
}

void ClientSession::State::on_final(Reply reply) {
  finals.push_back(std::move(reply));
  if (--finals_missing != 0) return;
  touched = false;
  accepted = 0;
  events.push(BackendEvent(FinalReplies{std::exchange(finals, {})}));
}

void ClientSession::State::on_reply(Step step, Reply reply) {
  if (phase == Phase::Opening) return on_opening_reply(step, std::move(reply));
  split_enhanced(reply);
  if (step != Step::Data && !is_final(reply)) return over(Errc::Syntax, "a 3xx reply where none may come");
  switch (step) {
    case Step::Xforward:
      // The commands behind it are on their way; without DATA they do nothing.
      if (!is_success(reply)) return over(Errc::Refused, "the backend refuses XFORWARD from us", std::move(reply));
      break;
    case Step::Mail:
      accepted = 0;
      events.push(BackendEvent(MailReply{std::move(reply)}));
      break;
    case Step::Rcpt:
      if (is_success(reply)) ++accepted;
      events.push(BackendEvent(RcptReply{std::move(reply)}));
      break;
    case Step::Data:
      on_data(std::move(reply));
      break;
    case Step::Final:
      on_final(std::move(reply));
      break;
    case Step::Reset:
      if (is_success(reply)) touched = false;
      accepted = 0;
      events.push(BackendEvent(ResetReply{std::move(reply)}));
      break;
    case Step::Quit:
      return over(Errc::Unavailable, "closed by us");
    case Step::Greeting:
    case Step::Ehlo:
    case Step::Helo:
    case Step::StartTls:
      return over(Errc::Syntax, "a reply out of its place");
  }
  if (phase == Phase::Ready) write_waiting();
}

}  // namespace anechoic::smtp
