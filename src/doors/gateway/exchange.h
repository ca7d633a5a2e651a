// SPDX-License-Identifier: Apache-2.0
// One transaction at the gateway: asks the inspector, feeds the Relay, performs the Relay's actions on a backend, and
// answers the client's session.
//
// The owner calls mail/rcpt/body/end/abort as the session's events come, and after each stretch of events wait() as
// long as waiting_for() says so. finished() is true when the journal has been told; the Exchange is then thrown away.
//
// Lifetime: the session, setup and services outlive it; it must not be destroyed inside wait().   Threads: one. DESIGN
// 3b
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "doors/gateway/services.h"
#include "doors/gateway/setup.h"
#include "inspect/transaction.h"
#include "outside/spool/spool.h"
#include "wire/smtp/relay.h"
#include "wire/smtp/server_session.h"

namespace anechoic::gateway {

// Of the client's session, as far as a transaction needs it.
struct ClientView {
  smtp::ServerSession& session;
  inspect::Session& inspected;
  std::string helo;
  bool extended = false;
};

class Exchange {
 public:
  Exchange(const Services& services, std::shared_ptr<const Setup> setup, ClientView client,
           boost::asio::any_io_executor executor);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  [[nodiscard]] const std::string& id() const;

  // Answers the question itself. False: MAIL was refused and the exchange is finished.
  bool mail(const smtp::AskMail& question);
  void rcpt(const smtp::AskRcpt& question);
  void data(const smtp::AskData& question);
  void body(std::string_view bytes);
  void end(const smtp::AskEnd& question);
  // The transaction is over without an end of data. `last`: what the session said, code 0 if nothing.
  void abort(std::string_view reason, smtp::Reply last);

  enum class Waiting : std::uint8_t { No, ForBackend, ForAnswers };
  [[nodiscard]] Waiting waiting_for() const;
  // True once end() or abort() was called: the client's next command must wait until finished().
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] bool finished() const { return finished_ && !held_end_; }
  // Is a question of the client open?
  [[nodiscard]] bool client_waits() const { return open_questions_ > 0; }
  // Waits for one event of what waiting_for() names and acts on it.
  boost::asio::awaitable<void> wait();

 private:
  struct Asked {
    smtp::QuestionId id;
    mail::ForwardPath path;
    std::optional<judge::Verdict> verdict;  // empty: the guards have not answered yet
  };
  struct Bell;  // rung by callbacks that may outlive the exchange

  void act();  // performs what the Relay wants, as far as nothing needs waiting
  void act_on(const smtp::RelayAction& action);
  void take_guard_answers();
  void guard_answered(smtp::QuestionId id, judge::Verdict verdict);
  void give_up_on_guards();
  void answer(smtp::QuestionId id, const smtp::Reply& reply);
  void answer_rcpt(const smtp::AnswerRcpt& told);
  void answer_end(const smtp::AnswerEnd& answer);
  void finish(const smtp::Outcome& outcome);
  boost::asio::awaitable<void> open_backend();
  boost::asio::awaitable<void> backend_event();
  boost::asio::awaitable<void> wait_for_answers();
  [[nodiscard]] std::optional<smtp::Refuse> judge_headers();
  void judge_end();
  void take_end_verdict();
  void take_answers();
  [[nodiscard]] smtp::Decision decide_end(const judge::Verdict& verdict);
  [[nodiscard]] smtp::Refuse refuse_for(const Error& error);
  [[nodiscard]] smtp::Identity identity() const;
  void let_go_of_backend(bool sound);
  [[nodiscard]] Result<void> prepare_message();

  const Services& services_;
  std::shared_ptr<const Setup> setup_;
  ClientView client_;
  boost::asio::any_io_executor executor_;
  std::unique_ptr<inspect::Transaction> inspected_;
  smtp::Relay relay_;
  std::shared_ptr<Bell> bell_;  // made when somebody has to wait for it

  mail::ReversePath reverse_path_;
  bool smtputf8_ = false;
  std::optional<mail::ForwardPath> first_accepted_;
  unsigned accepted_ = 0;
  std::unique_ptr<spool::Spool> spool_;
  std::optional<Error> spool_error_;
  std::string message_id_;
  std::string prepended_;
  std::uint64_t octets_ = 0;

  std::unique_ptr<smtp_client::Backend> backend_;
  std::optional<smtp::OpenBackend> opening_;
  std::string endpoint_;
  std::vector<std::string> tried_;
  std::optional<smtp::GroupId> group_;

  std::vector<judge::Reason> reasons_;
  smtp::Reply last_;
  std::optional<smtp::QuestionId> ending_;  // the end of data, until the inspector's verdict has been told to the Relay
  std::optional<judge::Verdict> end_verdict_;
  SteadyTime ending_since_{};
  std::optional<smtp::AnswerEnd> held_end_;  // until the mixed results are on disk
  std::vector<Asked> asked_;                 // the guards, and not told to the Relay yet; in order
  std::vector<Asked> relayed_;               // told to the Relay, and not answered yet
  unsigned open_questions_ = 0;
  bool over_ = false;
  bool finished_ = false;
};

}  // namespace anechoic::gateway
