// SPDX-License-Identifier: Apache-2.0
// What a ServerSession holds, and its steps. Private to server_session.cc, server_commands.cc and server_body.cc.
//
// A step takes something from the input and returns the event it makes, or nullopt if the owner need not know.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/smtp/bdat_reader.h"
#include "wire/smtp/command.h"
#include "wire/smtp/data_reader.h"
#include "wire/smtp/line_reader.h"
#include "wire/smtp/reply_queue.h"
#include "wire/smtp/server_session.h"
#include "wire/smtp/server_table.h"

namespace anechoic::smtp {

struct ServerSession::State {
  using Step = std::optional<ServerEvent>;
  // The question that holds everything up, besides those of RCPT.
  enum class Barrier : std::uint8_t { None, Helo, Mail, Data, Bdat, End, Xclient };

  explicit State(std::shared_ptr<const ServerOptions> given) : options(std::move(given)) {}

  // server_session.cc
  [[nodiscard]] std::string_view waiting() const { return std::string_view(input).substr(used); }
  ServerEvent next();
  void say(const Reply& reply);  // adds a missing enhanced code
  void close(CloseCause cause);
  void end_transaction();
  void answer_barrier(const Reply& reply);
  void answer_helo(const Reply& reply);
  void answer_data(const Reply& reply);
  void answer_bdat(const Reply& reply);
  void rest();  // gives storage back while nothing is to do
  [[nodiscard]] bool reads_body() const {
    return phase == Phase::Data || phase == Phase::Chunk || skip_reply != nullptr;
  }

  // server_commands.cc
  Step read_command();
  Step on_line(std::string_view line);
  Step on_bad_line(LineStatus status);
  Step on_refused(Verb verb, const Reply& reply);
  Step out_of_order(Verb verb, const Command& command);
  Step obey(Command& command, Verb verb);
  Step on_helo(HeloCommand& command);
  Step on_mail(MailCommand& command);
  Step on_rcpt(RcptCommand& command);
  Step on_bdat(const BdatCommand& command);
  Step on_identity(IdentityGiven& command);
  Step on_plain(Verb verb);
  Step on_rset();
  Step on_starttls();
  void offer_extensions();
  [[nodiscard]] QuestionId ask(Barrier question);
  [[nodiscard]] Step abort_first(AbortCause cause, ServerEvent event);

  // server_body.cc
  void begin_data();
  void begin_chunk(std::uint64_t octets, bool last);
  void skip_chunk(std::uint64_t octets, const Reply& reply);
  Step read_body();
  Step read_data();
  Step read_chunk();
  Step read_skipped();
  Step on_body_fault(const BodyScanner& scanner);
  [[nodiscard]] BodyRules body_rules() const;

  std::shared_ptr<const ServerOptions> options;
  std::string input;  // from the client; the first `used` octets are done with
  std::size_t used = 0;
  std::string output;
  LineReader lines;
  ReplyQueue replies;
  DataReader data;
  BdatReader bdat;
  std::uint64_t skip = 0;                 // octets of a chunk that nobody wants
  std::unique_ptr<Reply> skip_reply;      // its answer; set while such a chunk is read
  std::unique_ptr<Identity> forwarded;    // what XFORWARD said for the next transaction
  std::unique_ptr<ServerEvent> deferred;  // an event behind the Aborted that the same command made

  QuestionId last_id = 0;
  QuestionId barrier_id = 0;
  std::uint32_t accepted = 0;  // recipients of this transaction
  std::uint32_t declined = 0;  // ... refused by the owner, who has to remember them, too
  std::uint32_t errors = 0;
  std::uint32_t junk = 0;
  std::uint64_t bdat_octets = 0;  // of the first chunk, while AskData is open
  Barrier barrier = Barrier::None;
  Phase phase = Phase::Unborn;
  Phase after_barrier = Phase::Unborn;  // where a positive answer leads
  CloseCause cause = CloseCause::Quit;
  bool closed = false;
  bool extended = false;
  bool helo_extended = false;  // of the AskHelo that is open
  bool tls = false;
  bool utf8 = false;  // this transaction is SMTPUTF8
  bool mail_utf8 = false;
  bool bdat_last = false;
  bool bdat_aborts = false;  // the chunk that is skipped ends the transaction
};

[[nodiscard]] inline bool in_transaction(Phase phase) {
  return phase == Phase::HaveMail || phase == Phase::HaveRcpt || phase == Phase::Chunks || phase == Phase::Data ||
         phase == Phase::Chunk;
}

}  // namespace anechoic::smtp
