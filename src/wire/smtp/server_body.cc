// SPDX-License-Identifier: Apache-2.0
// How a ServerSession reads bodies: DATA to its lone dot, BDAT chunk by chunk, and chunks that nobody wants.
#include <algorithm>
#include <utility>

#include "wire/smtp/server_state.h"

namespace anechoic::smtp {
namespace {

Reply fault_reply(BodyFault fault) {
  switch (fault) {
    case BodyFault::None:
      break;
    case BodyFault::BareLineEnd:
      return {550, {5, 6, 0}, "The message holds a bare CR or LF; end lines with CR LF"};
    case BodyFault::Nul:
      return {550, {5, 6, 0}, "The message holds NUL"};
    case BodyFault::TooBig:
      return {552, {5, 3, 4}, "The message is too large"};
    case BodyFault::LineTooLong:
      return {554, {5, 6, 0}, "The message holds a line that is too long"};
  }
  std::unreachable();
}

}  // namespace

BodyRules ServerSession::State::body_rules() const {
  BodyRules rules;
  rules.octets = options->message_size;
  rules.line_octets = options->line_octets;
  rules.normalize = options->bare_newline == BareNewline::Normalize;
  return rules;
}

void ServerSession::State::begin_data() {
  data = DataReader(body_rules());
  phase = Phase::Data;
}

void ServerSession::State::begin_chunk(std::uint64_t octets, bool last) {
  bdat.begin_chunk(octets, last);
  phase = Phase::Chunk;
}

void ServerSession::State::skip_chunk(std::uint64_t octets, const Reply& reply) {
  skip = octets;
  skip_reply = std::make_unique<Reply>(reply);
}

ServerSession::State::Step ServerSession::State::read_body() {
  if (skip_reply) return read_skipped();
  return phase == Phase::Data ? read_data() : read_chunk();
}

ServerSession::State::Step ServerSession::State::read_data() {
  std::string_view rest = waiting();
  const std::size_t size = rest.size();
  const std::string_view run = data.read(rest);
  used += size - rest.size();
  if (!run.empty()) return BodyChunk{run};
  if (!data.ended()) return {};
  if (data.scanner().fault() != BodyFault::None) return on_body_fault(data.scanner());
  return AskEnd{ask(Barrier::End), data.scanner().octets()};
}

ServerSession::State::Step ServerSession::State::read_chunk() {
  std::string_view rest = waiting();
  const std::size_t size = rest.size();
  const std::string_view run = bdat.read(rest);
  used += size - rest.size();
  if (!run.empty()) return BodyChunk{run};
  if (!bdat.chunk_done()) return {};
  if (bdat.scanner().fault() != BodyFault::None) return on_body_fault(bdat.scanner());
  if (bdat.last()) return AskEnd{ask(Barrier::End), bdat.scanner().octets()};
  say({250, {2, 0, 0}, std::to_string(bdat.chunk_octets()) + " octets received"});
  phase = Phase::Chunks;
  return {};
}

ServerSession::State::Step ServerSession::State::read_skipped() {
  const auto mine = static_cast<std::size_t>(std::min<std::uint64_t>(skip, waiting().size()));
  used += mine;
  skip -= mine;
  if (skip > 0) return {};
  const auto reply = std::move(skip_reply);
  say(*reply);
  if (!std::exchange(bdat_aborts, false)) return {};
  end_transaction();
  return Aborted{AbortCause::BodyRefused, std::move(*reply)};
}

ServerSession::State::Step ServerSession::State::on_body_fault(const BodyScanner& scanner) {
  Reply reply = fault_reply(scanner.fault());
  ++errors;
  say(reply);
  end_transaction();
  if (scanner.fault() == BodyFault::Nul) close(CloseCause::NulInBody);
  return Aborted{AbortCause::BodyRefused, std::move(reply)};
}

}  // namespace anechoic::smtp
