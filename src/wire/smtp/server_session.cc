// SPDX-License-Identifier: Apache-2.0
// The frame of the session: buffers, questions and answers. Commands are in server_commands.cc, bodies in
// server_body.cc, the order of the dialogue in server_table.h.
#include "wire/smtp/server_session.h"

#include <tuple>
#include <utility>

#include "wire/smtp/server_state.h"

namespace anechoic::smtp {

void ServerSession::State::say(const Reply& reply) {
  if (reply.enhanced.present() || reply.code / 100 == 3) {
    append_wire(output, reply, utf8);
    return;
  }
  // RFC 2034 4: with ENHANCEDSTATUSCODES each reply but greeting, HELO and EHLO carries one.
  Reply complete = reply;
  complete.enhanced = default_enhanced(reply.code);
  append_wire(output, complete, utf8);
}

void ServerSession::State::close(CloseCause why) {
  if (closed) return;
  closed = true;
  cause = why;
  barrier = Barrier::None;
  deferred.reset();
  replies.clear();
  input = std::string();
  used = 0;
}

void ServerSession::State::end_transaction() {
  phase = Phase::Ready;
  accepted = 0;
  declined = 0;
  utf8 = false;
  forwarded.reset();
  skip_reply.reset();
}

void ServerSession::State::rest() {
  // An idle session must cost next to nothing, and most sessions are idle most of the time.
  if (replies.empty()) replies.release();
  if (reads_body() || !waiting().empty()) return;
  input = std::string();
  used = 0;
}

ServerEvent ServerSession::State::next() {
  for (;;) {
    if (deferred) {
      const auto event = std::move(deferred);
      return std::move(*event);
    }
    if (closed) return Closed{cause};
    if (barrier != Barrier::None) return NeedAnswers{};
    if (phase == Phase::Unborn || phase == Phase::Handshake) return NeedInput{};
    const auto standing = [this] { return std::tuple(used, phase, skip_reply.get(), barrier, closed); };
    const auto before = standing();
    if (Step step = reads_body() ? read_body() : read_command()) return *std::move(step);
    if (standing() != before) continue;
    rest();
    return NeedInput{};
  }
}

void ServerSession::State::answer_barrier(const Reply& reply) {
  const Barrier question = std::exchange(barrier, Barrier::None);
  const bool positive = reply.positive();
  switch (question) {
    case Barrier::None:
      return;
    case Barrier::Helo:
      answer_helo(reply);
      break;
    case Barrier::Mail:
      if (positive) {
        phase = after_barrier;
        utf8 = mail_utf8;
      }
      say(reply);
      break;
    case Barrier::Data:
      answer_data(reply);
      return;
    case Barrier::Bdat:
      answer_bdat(reply);
      return;
    case Barrier::End:
      say(reply);
      end_transaction();
      if (positive) errors = junk = 0;
      break;
    case Barrier::Xclient:
      if (positive) {
        // The reply is a greeting and has no enhanced code.
        append_wire(output, reply);
        end_transaction();
        phase = after_barrier;
        extended = false;
        return;
      }
      say(reply);
      break;
  }
  if (!positive) ++errors;
  if (reply.code == 421) close(CloseCause::ShutDown);
}

void ServerSession::State::answer_helo(const Reply& reply) {
  if (!reply.positive()) {
    say(reply);
    return;
  }
  phase = after_barrier;
  extended = helo_extended;
  if (extended) {
    offer_extensions();
  } else {
    append_wire(output, Reply{250, {}, options->hostname});
  }
}

void ServerSession::State::answer_data(const Reply& reply) {
  if (reply.positive()) {
    append_wire(output, Reply{354, {}, "End data with <CR><LF>.<CR><LF>"});
    begin_data();
    return;
  }
  ++errors;
  say(reply);
  if (reply.code == 421) {
    close(CloseCause::ShutDown);
  } else if (!waiting().empty()) {
    say(Reply{554, {5, 5, 0}, "A body came before it was asked for"});
    close(CloseCause::EarlyTalker);
  }
}

void ServerSession::State::answer_bdat(const Reply& reply) {
  if (reply.positive()) {
    bdat = BdatReader(body_rules());
    begin_chunk(bdat_octets, bdat_last);
    return;
  }
  ++errors;
  if (reply.code == 421) {
    say(reply);
    close(CloseCause::ShutDown);
    return;
  }
  bdat_aborts = true;
  skip_chunk(bdat_octets, reply);
}

// ---- the public face

ServerSession::ServerSession(std::shared_ptr<const ServerOptions> options)
    : state_(std::make_unique<State>(std::move(options))) {}
ServerSession::ServerSession(ServerSession&&) noexcept = default;
ServerSession& ServerSession::operator=(ServerSession&&) noexcept = default;
ServerSession::~ServerSession() = default;

void ServerSession::greet(const Reply& greeting) {
  append_wire(state_->output, greeting);
  if (greeting.positive()) {
    state_->phase = Phase::Connected;
  } else if (greeting.permanent()) {
    state_->phase = Phase::Refused;
  } else {
    state_->close(CloseCause::ShutDown);
  }
}

void ServerSession::early_talker() {
  append_wire(state_->output, Reply{554, {5, 5, 0}, "You talked before the greeting"});
  state_->close(CloseCause::EarlyTalker);
}

void ServerSession::feed(std::string_view input) {
  if (state_->closed) return;
  if (state_->used > 0) {
    state_->input.erase(0, state_->used);
    state_->used = 0;
  }
  state_->input += input;
}

ServerEvent ServerSession::next() {
  return state_->next();
}

void ServerSession::answer(QuestionId id, const Reply& reply) {
  State& state = *state_;
  if (state.closed) return;
  if (state.barrier != State::Barrier::None && id == state.barrier_id) {
    state.answer_barrier(reply);
    return;
  }
  const bool complete = reply.enhanced.present() || reply.code / 100 == 3;
  Reply completed;
  if (!complete) {
    completed = reply;
    completed.enhanced = default_enhanced(reply.code);
  }
  const auto answered = state.replies.answer(id, complete ? reply : completed, state.utf8, state.output);
  if (answered == ReplyQueue::Answered::Unknown) return;
  if (reply.positive()) {
    ++state.accepted;
    state.phase = Phase::HaveRcpt;
  } else {
    ++state.declined;
  }
  if (state.replies.closing()) state.close(CloseCause::ShutDown);
}

void ServerSession::shut_down(const Reply& reply) {
  if (state_->closed) return;
  state_->utf8 = false;
  state_->say(reply);
  state_->close(CloseCause::ShutDown);
}

void ServerSession::tls_started() {
  State& state = *state_;
  state.input = std::string();
  state.used = 0;
  state.output = std::string();
  state.lines.reset();
  state.replies.clear();
  state.end_transaction();
  state.phase = Phase::Connected;
  state.extended = false;
  state.tls = true;
}

bool ServerSession::in_transaction() const {
  return smtp::in_transaction(state_->phase);
}
bool ServerSession::in_body() const {
  const bool body = state_->phase == Phase::Data || state_->phase == Phase::Chunk || state_->phase == Phase::Chunks;
  return body && state_->barrier != State::Barrier::End;
}
bool ServerSession::in_tls() const {
  return state_->tls;
}
bool ServerSession::extended() const {
  return state_->extended;
}
std::uint32_t ServerSession::errors() const {
  return state_->errors;
}
std::string ServerSession::take_output() {
  return std::exchange(state_->output, std::string());
}
bool ServerSession::has_output() const {
  return !state_->output.empty();
}

}  // namespace anechoic::smtp
