// SPDX-License-Identifier: Apache-2.0
// The inside of Relay, shared by its parts: relay.cc (what the client's side wants), relay_backend.cc (the backend's
// connection and its events), relay_results.cc (what the client hears in the end).
//
// The state says what is so, not what comes next: after each input `pump` looks at it and does what is missing. That a
// connection was replaced is then no special case: its recipients are simply not asked yet.
// Threads: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/smtp/relay.h"
#include "wire/smtp/relay_replies.h"

namespace anechoic::smtp {

struct Relay::State {
  enum class Stage : std::uint8_t {
    Fresh,     // before Begin
    Envelope,  // recipients may come
    Ended,     // BodyEnded{Proceed}: the message is to be sent
    Closing,   // the end was answered, or nobody asks any more; the backend is to be left in order
    Done       // Finished was given
  };
  enum class Link : std::uint8_t { None, Opening, Up, Resetting };
  // What the next event of the backend answers.
  enum class Await : std::uint8_t { Mail, Rcpt, Data, Final, Reset };
  enum class Standing : std::uint8_t {
    Asking,    // the client waits for the backend's answer
    Refused,   // was answered with a refusal
    Accepted,  // was answered 250 with the backend's consent
    Delivered  // was answered 250, for an earlier attempt delivered it (R3)
  };
  struct Entry {
    AskId id = 0;
    mail::ForwardPath path;
    Standing standing = Standing::Asking;
    bool notify_never = false;
    bool on_backend = false;    // RCPT was sent on this connection
    bool taken = false;         // ... and answered 2xx
    bool relayed = false;       // the reply is the backend's
    Reply reply;                // what the client heard
    std::string delivered_key;  // of the message that was delivered before
  };
  struct Awaited {
    Await what;
    std::uint32_t entry;
  };

  struct Passed {
    Reply reply;
    bool relayed;  // else it is ours: the backend spoke of us
  };

  explicit State(const RelayOptions& with) : options(with) {}

  RelayOptions options;
  Stage stage = Stage::Fresh;
  Link link = Link::None;
  bool mail_sent = false;      // on this connection
  bool failed_before = false;  // the connection before this one failed
  bool alarmed = false;
  bool needs_smtputf8 = false;
  bool data_sent = false;
  bool body_sent = false;
  bool settled = false;  // FinalReplies came, all positive: the backend's transaction is surely over
  unsigned opened = 0;
  AskId end_id = 0;
  Begin begin;
  std::optional<GroupId> group;
  std::string message_key;
  Capabilities capabilities;
  std::optional<Passed> mail_refusal;  // answers all that is asked from then on
  std::optional<Reply> unavailable;    // ... the same
  std::optional<Reply> doom;           // a recipient answered 250 can't be served: the message gets this
  std::vector<Entry> entries;
  std::vector<std::uint32_t> taken;  // those that this connection accepted, in the order of LMTP's final replies
  std::vector<Awaited> awaited;
  std::size_t awaited_head = 0;
  std::vector<RelayAction> actions;
  std::size_t actions_head = 0;
  Outcome outcome;

  // relay.cc
  void on(const Begin& input);
  void on(const Recipient& input);
  void on(const BodyEnded& input);
  void on(const Abandon& input);
  void pump();
  void act(RelayAction action) { actions.push_back(std::move(action)); }
  void answer(Entry& entry, const Reply& reply, bool relayed, bool live = false);
  void answer_asking(const Reply& reply, bool relayed);
  [[nodiscard]] bool decide_locally(Entry& entry, const Recipient& input);
  [[nodiscard]] bool is_asking() const;
  [[nodiscard]] bool is_wanted(const Entry& entry) const;  // must the backend know this recipient?
  void finish();

  // relay_backend.cc
  void on(const BackendReady& input);
  void on(const BackendUnavailable& input);
  void on(const BackendEvent& input);
  void on_mail(const Reply& reply);
  void on_rcpt(std::uint32_t index, const Reply& reply);
  void on_data(const Reply& reply);
  void on_final(const std::vector<Reply>& replies);
  void on_reset(const Reply& reply);
  void lost(const Error& error, const std::optional<Reply>& reply, bool end_sent = true);
  void open();
  void send_missing();
  void perform(BackendCommand command, Await what, std::size_t entry = 0);
  void forget_connection();
  void give_up(const Reply& reply);
  void condemn(const Reply& reply);
  [[nodiscard]] bool is_waiting() const { return awaited_head != awaited.size(); }
  [[nodiscard]] Await next_awaited() const { return awaited[awaited_head].what; }

  // relay_results.cc
  void conclude(const std::vector<Reply>& replies);
  void answer_end(const Reply& reply);
  void leave_backend();
  [[nodiscard]] Passed pass_on(const Reply& reply, At at);
  void alarm(std::string text);
};

}  // namespace anechoic::smtp
