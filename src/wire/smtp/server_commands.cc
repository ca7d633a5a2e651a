// SPDX-License-Identifier: Apache-2.0
// The commands of a ServerSession: each is checked here, then becomes a question, or is obeyed at once.
#include <algorithm>
#include <utility>

#include "wire/smtp/server_state.h"
#include "wire/smtp/xclient.h"

namespace anechoic::smtp {
namespace {

Verb verb_of(const Command& command) {
  struct Visitor {
    Verb operator()(const PlainCommand& c) const { return c.verb; }
    Verb operator()(const HeloCommand& c) const { return c.extended ? Verb::Ehlo : Verb::Helo; }
    Verb operator()(const MailCommand&) const { return Verb::Mail; }
    Verb operator()(const RcptCommand&) const { return Verb::Rcpt; }
    Verb operator()(const BdatCommand&) const { return Verb::Bdat; }
    Verb operator()(const IdentityGiven& c) const { return c.verb; }
  };
  return std::visit(Visitor{}, command);
}

Reply order_refusal(Verb verb, Phase phase) {
  if (phase == Phase::Refused) return {503, {5, 5, 1}, "Nothing but QUIT"};
  if (phase == Phase::Connected) return {503, {5, 5, 1}, "Say EHLO first"};
  if (phase == Phase::Chunks) return {503, {5, 5, 1}, "Go on with BDAT, or RSET"};
  if (phase == Phase::HaveMail && (verb == Verb::Data || verb == Verb::Bdat)) {
    return {554, {5, 5, 1}, "No valid recipients"};
  }
  if (phase == Phase::Ready) return {503, {5, 5, 1}, "Say MAIL first"};
  return {503, {5, 5, 1}, "Not within a transaction: finish it, or RSET"};
}

}  // namespace

QuestionId ServerSession::State::ask(Barrier question) {
  barrier = question;
  barrier_id = ++last_id;
  return barrier_id;
}

ServerSession::State::Step ServerSession::State::read_command() {
  const LineRead read = lines.read(waiting());
  if (read.status == LineStatus::NeedMore) {
    lines.take(read);
    used += read.taken;
    return {};
  }
  // Behind open RCPT questions only further RCPTs are looked at; everything else waits until they are answered.
  const bool rcpt = read.status == LineStatus::Line && find_verb(read.line) == Verb::Rcpt;
  // At the bound of recipients the open ones decide whether one more may come.
  const bool crowded = rcpt && std::max(accepted, declined) + replies.open() >= options->recipients;
  if (!replies.empty() && (!rcpt || crowded || replies.full())) return NeedAnswers{};
  if (errors >= options->hard_errors || junk > options->junk_commands) {
    say({421, {4, 7, 0}, "Too many errors"});
    close(CloseCause::TooManyErrors);
    return {};
  }
  lines.take(read);
  used += read.taken;
  return read.status == LineStatus::Line ? on_line(read.line) : on_bad_line(read.status);
}

ServerSession::State::Step ServerSession::State::on_bad_line(LineStatus status) {
  ++errors;
  switch (status) {
    case LineStatus::TooLong:
      say({500, {5, 5, 2}, "Line too long"});
      break;
    case LineStatus::Nul:
      say({500, {5, 5, 2}, "A line holds NUL"});
      break;
    case LineStatus::BareLineEnd:
    case LineStatus::NeedMore:
    case LineStatus::Line:
      say({500, {5, 5, 2}, "End lines with CR LF, and send neither alone"});
      break;
  }
  return {};
}

ServerSession::State::Step ServerSession::State::on_line(std::string_view line) {
  const CommandRules rules{options->offer_8bitmime, options->offer_smtputf8, options->xclient, options->xforward, utf8};
  auto command = parse_command(line, rules);
  if (!command) return on_refused(find_verb(line), command.error());
  const Verb verb = verb_of(*command);
  const auto to = next_phase(verb, phase);
  if (!to) return out_of_order(verb, *command);
  after_barrier = *to;
  return obey(*command, verb);
}

ServerSession::State::Step ServerSession::State::on_refused(Verb verb, const Reply& reply) {
  ++errors;
  const bool refused = phase == Phase::Refused;
  const Reply answer = refused ? order_refusal(verb, phase) : reply;
  if (replies.empty()) {
    say(answer);
  } else {
    replies.push(answer, utf8);
  }
  return {};
}

ServerSession::State::Step ServerSession::State::out_of_order(Verb verb, const Command& command) {
  const Reply reply = order_refusal(verb, phase);
  if (const auto* chunk = std::get_if<BdatCommand>(&command)) {
    // RFC 3030 2: the octets come, whatever we think of them.
    ++junk;
    skip_chunk(chunk->octets, reply);
    return {};
  }
  const bool behind_refused = verb == Verb::Rcpt || (verb == Verb::Data && phase == Phase::HaveMail);
  if (verb == Verb::Data && !behind_refused) {
    ++junk;
  } else if (!behind_refused) {
    ++errors;
  }
  say(reply);
  if (verb == Verb::Data && !waiting().empty()) {
    say({554, {5, 5, 0}, "A body came before it was asked for"});
    close(CloseCause::EarlyTalker);
  }
  return {};
}

ServerSession::State::Step ServerSession::State::obey(Command& command, Verb verb) {
  if (auto* rcpt = std::get_if<RcptCommand>(&command)) return on_rcpt(*rcpt);
  if (auto* mail = std::get_if<MailCommand>(&command)) return on_mail(*mail);
  if (auto* helo = std::get_if<HeloCommand>(&command)) return on_helo(*helo);
  if (const auto* chunk = std::get_if<BdatCommand>(&command)) return on_bdat(*chunk);
  if (auto* identity = std::get_if<IdentityGiven>(&command)) return on_identity(*identity);
  return on_plain(verb);
}

ServerSession::State::Step ServerSession::State::abort_first(AbortCause why, ServerEvent event) {
  deferred = std::make_unique<ServerEvent>(std::move(event));
  return Aborted{why, {}};
}

ServerSession::State::Step ServerSession::State::on_helo(HeloCommand& command) {
  const bool aborts = smtp::in_transaction(phase);
  if (phase == Phase::Ready) ++junk;
  if (aborts) end_transaction();
  helo_extended = command.extended;
  AskHelo question{ask(Barrier::Helo), command.extended, std::move(command.name)};
  if (aborts) return abort_first(AbortCause::Greeting, std::move(question));
  return question;
}

ServerSession::State::Step ServerSession::State::on_mail(MailCommand& command) {
  if (options->message_size != 0 && command.parameters.size.value_or(0) > options->message_size) {
    ++errors;
    say({552, {5, 3, 4}, "The message is larger than " + std::to_string(options->message_size) + " octets"});
    return {};
  }
  mail_utf8 = command.parameters.smtputf8;
  return AskMail{ask(Barrier::Mail), std::move(command.path), command.parameters};
}

ServerSession::State::Step ServerSession::State::on_rcpt(RcptCommand& command) {
  if (accepted >= options->recipients || declined >= options->recipients) {
    say({452, {4, 5, 3}, "Too many recipients: send the rest in another transaction"});
    return {};
  }
  replies.ask(++last_id);
  return AskRcpt{last_id, std::move(command.path)};
}

ServerSession::State::Step ServerSession::State::on_bdat(const BdatCommand& command) {
  if (phase == Phase::Chunks) {
    begin_chunk(command.octets, command.last);
    return {};
  }
  bdat_octets = command.octets;
  bdat_last = command.last;
  return AskData{ask(Barrier::Bdat)};
}

ServerSession::State::Step ServerSession::State::on_identity(IdentityGiven& command) {
  if (command.verb == Verb::Xclient) return AskXclient{ask(Barrier::Xclient), std::move(command.identity)};
  if (!forwarded) forwarded = std::make_unique<Identity>();
  merge(*forwarded, command.identity);
  say({250, {2, 0, 0}, "Ok"});
  return GotXforward{*forwarded};
}

ServerSession::State::Step ServerSession::State::on_plain(Verb verb) {
  switch (verb) {
    case Verb::Data:
      return AskData{ask(Barrier::Data)};
    case Verb::Rset:
      return on_rset();
    case Verb::StartTls:
      return on_starttls();
    case Verb::Quit:
      say({221, {2, 0, 0}, "Bye"});
      close(CloseCause::Quit);
      return {};
    case Verb::Noop:
      ++junk;
      say({250, {2, 0, 0}, "Ok"});
      return {};
    case Verb::Vrfy:
      ++junk;
      say({252, {2, 0, 0}, "Send mail to it, and hear"});
      return {};
    case Verb::Help:
      ++junk;
      say({214, {2, 0, 0}, "See RFC 5321"});
      return {};
    case Verb::Ehlo:
    case Verb::Helo:
    case Verb::Mail:
    case Verb::Rcpt:
    case Verb::Bdat:
    case Verb::Xclient:
    case Verb::Xforward:
    case Verb::Expn:
    case Verb::Auth:
    case Verb::Unknown:
      break;  // never a PlainCommand
  }
  std::unreachable();
}

ServerSession::State::Step ServerSession::State::on_rset() {
  const bool aborts = smtp::in_transaction(phase);
  if (!aborts) ++junk;
  // XFORWARD speaks of the transaction that comes, so a RSET before it leaves nothing behind, too.
  if (phase != Phase::Connected) end_transaction();
  say({250, {2, 0, 0}, "Ok"});
  if (!aborts) return {};
  return Aborted{AbortCause::Reset, {}};
}

ServerSession::State::Step ServerSession::State::on_starttls() {
  if (!options->starttls || tls) {
    ++errors;
    say(tls ? Reply{503, {5, 5, 1}, "TLS is on already"} : Reply{502, {5, 5, 1}, "Command not implemented"});
    return {};
  }
  if (!waiting().empty()) {
    // What came behind the command in the clear might be taken for something said within TLS.
    say({554, {5, 5, 0}, "Input came behind STARTTLS"});
    close(CloseCause::PipelinedTls);
    return {};
  }
  const bool aborts = smtp::in_transaction(phase);
  end_transaction();
  phase = Phase::Handshake;
  append_wire(output, Reply{220, {2, 0, 0}, "Ready to start TLS"});
  if (aborts) return abort_first(AbortCause::Tls, StartTls{});
  return StartTls{};
}

void ServerSession::State::offer_extensions() {
  Reply reply{250, {}, options->hostname};
  std::string& text = reply.text;
  text += "\nPIPELINING\nSIZE " + std::to_string(options->message_size);
  if (options->offer_8bitmime) text += "\n8BITMIME";
  if (options->starttls && !tls) text += "\nSTARTTLS";
  text += "\nENHANCEDSTATUSCODES";
  if (options->offer_smtputf8) text += "\nSMTPUTF8";
  text += "\nCHUNKING\nLIMITS RCPTMAX=" + std::to_string(options->recipients);
  if (options->xclient) text.append("\nXCLIENT ").append(kXclientAttributes);
  if (options->xforward) text.append("\nXFORWARD ").append(kXforwardAttributes);
  append_wire(output, reply);
}

}  // namespace anechoic::smtp
