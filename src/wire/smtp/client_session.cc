// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/client_session.h"

#include <utility>

#include "wire/smtp/client_commands.h"
#include "wire/smtp/client_state.h"

namespace anechoic::smtp {

void ClientSession::State::command(Step step, std::string line) {
  if (may_write()) {
    output += line;
    expected.push(step);
  } else {
    waiting.push({step, std::move(line)});
  }
}

void ClientSession::State::write_waiting() {
  if (waiting.empty()) return;
  Fifo<Waiting> held = std::exchange(waiting, {});
  while (!held.empty()) {
    // One that must wait keeps those behind it waiting.
    Waiting next = held.pop();
    command(next.step, std::move(next.line));
  }
}

void ClientSession::State::say_hello() {
  const bool lmtp = options->protocol == Protocol::Lmtp;
  command(Step::Ehlo, (lmtp ? "LHLO " : "EHLO ") +
                          (is_host_name(options->hostname) ? options->hostname : std::string("localhost")) + "\r\n");
}

void ClientSession::State::over(Errc code, std::string_view what, std::optional<Reply> reply) {
  if (phase == Phase::Over) return;
  Error error{code, std::string(what)};
  if (phase == Phase::Ready) {
    end = BackendEvent(Lost{std::move(error), std::move(reply)});
  } else {
    end = NotReady{std::move(error), std::move(reply)};
  }
  // Nobody shall begin a handshake with a backend that is no good.
  if (phase != Phase::Ready) events.clear();
  phase = Phase::Over;
  in_body = false;
  output = {};
  expected.clear();
  waiting.clear();
  finals = {};
}

void ClientSession::State::input(std::string_view bytes) {
  while (!bytes.empty() && phase != Phase::Over) {
    // Before the handshake nothing may come: it would be taken for an answer given inside TLS (RFC 3207 4.2).
    if (phase == Phase::Handshake) return over(Errc::Syntax, "the backend sent more than its reply to STARTTLS");
    Result<std::optional<Reply>> reply = reader.next(bytes);
    if (!reply) return over(reply.error().code, reply.error().detail);
    if (!*reply) return;
    if ((*reply)->code == 421) {
      split_enhanced(**reply);
      return over(Errc::Unavailable, "the backend closes the session", std::move(*reply));
    }
    if (expected.empty()) return over(Errc::Syntax, "a reply that nobody asked for");
    on_reply(expected.pop(), std::move(**reply));
  }
}

ClientSession::ClientSession(std::shared_ptr<const ClientOptions> options)
    : state_(std::make_unique<State>(std::move(options))) {}
ClientSession::ClientSession(ClientSession&&) noexcept = default;
ClientSession& ClientSession::operator=(ClientSession&&) noexcept = default;
ClientSession::~ClientSession() = default;

void ClientSession::feed(std::string_view input) {
  state_->input(input);
}

void ClientSession::closed() {
  state_->over(Errc::Unavailable, "the backend closed the connection");
}

ClientEvent ClientSession::next() {
  if (!state_->events.empty()) return state_->events.pop();
  if (state_->phase == State::Phase::Over) return state_->end;
  return ClientNeedInput{};
}

void ClientSession::tls_started() {
  State& s = *state_;
  if (s.phase != State::Phase::Handshake) return;
  s.output = {};
  s.reader = {};
  s.capabilities = {};
  s.in_tls = true;
  s.phase = State::Phase::Opening;
  s.say_hello();
}

void ClientSession::send(const SendMail& command) {
  State& s = *state_;
  if (!ready()) return;
  if (s.options->xforward && command.identity) {
    for (std::string& line : xforward_lines(*command.identity, s.capabilities)) {
      s.command(Step::Xforward, std::move(line));
    }
  }
  std::string line;
  append_mail(line, command, s.capabilities);
  s.touched = true;
  s.command(Step::Mail, std::move(line));
}

void ClientSession::send(const SendRcpt& command) {
  if (!ready()) return;
  std::string line;
  append_rcpt(line, command, state_->capabilities);
  state_->command(Step::Rcpt, std::move(line));
}

void ClientSession::send(const SendData& /*command*/) {
  if (ready()) state_->command(Step::Data, "DATA\r\n");
}

void ClientSession::send(const SendReset& /*command*/) {
  if (ready()) state_->command(Step::Reset, "RSET\r\n");
}

void ClientSession::quit() {
  State& s = *state_;
  if (!ready() || s.in_body) return s.over(Errc::Unavailable, "closed by us");
  s.command(Step::Quit, "QUIT\r\n");
}

std::string ClientSession::body(std::string_view bytes) {
  State& s = *state_;
  std::string out;
  if (s.phase == State::Phase::Over) return out;
  if (!s.in_body) {
    s.over(Errc::Syntax, "a body without the backend's 354");
  } else if (!s.stuffer.feed(bytes, out)) {
    s.over(Errc::Syntax, "a bare CR or LF in a body of ours: it can't be sent");
  }
  return out;
}

std::string ClientSession::end_body() {
  State& s = *state_;
  std::string out;
  if (s.phase == State::Phase::Over) return out;
  if (!s.in_body) {
    s.over(Errc::Syntax, "a body without the backend's 354");
    return out;
  }
  if (!s.stuffer.finish(out)) {
    s.over(Errc::Syntax, "a bare CR at the end of a body of ours: it can't be sent");
    return out;
  }
  s.in_body = false;
  s.finals_missing = s.options->protocol == Protocol::Lmtp ? s.accepted : 1;
  for (unsigned i = 0; i < s.finals_missing; ++i) s.expected.push(Step::Final);
  // RFC 2033 4.2: no recipients, no replies. A backend that said 354 all the same has nothing to add.
  if (s.finals_missing == 0) s.events.push(BackendEvent(FinalReplies{}));
  return out;
}

bool ClientSession::ready() const {
  return state_->phase == State::Phase::Ready;
}

bool ClientSession::idle() const {
  const State& s = *state_;
  return ready() && s.events.empty() && s.expected.empty() && s.waiting.empty() && s.output.empty() && !s.touched &&
         !s.in_body && !s.reader.partial();
}

const Capabilities& ClientSession::capabilities() const {
  return state_->capabilities;
}

std::string ClientSession::take_output() {
  return std::exchange(state_->output, {});
}

bool ClientSession::has_output() const {
  return !state_->output.empty();
}

}  // namespace anechoic::smtp
