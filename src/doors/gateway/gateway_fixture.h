// SPDX-License-Identifier: Apache-2.0
// A gateway with a scripted backend and a client at the other end of a socket pair. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "doors/gateway/server.h"
#include "inspect/sender_guard.h"
#include "judge/verdict/reasons.h"
#include "testing/inspect_fakes.h"

namespace anechoic::gateway::test {

// What the backend does at a step of the dialogue. A step that is not named says yes.
enum class Step : std::uint8_t { Connect, Mail, Rcpt, Data, InBody, Body, Reset };
struct Plan {
  std::map<Step, smtp::Reply> replies{};
  std::map<std::string, smtp::Reply> rcpt{};  // by local part
  std::vector<smtp::Reply> final_replies{};   // LMTP; else one 250
  bool lose = false;                          // the connection is lost at `lose_at`
  Step lose_at = Step::Mail;
};

struct Delivered {
  std::string reverse_path;
  std::vector<std::string> recipients;
  std::string message;
  std::vector<bool> notify_never{};  // of each recipient
};

class ScriptedBackend final : public smtp_client::Backend {
 public:
  ScriptedBackend(Plan plan, std::vector<Delivered>& delivered) : plan_(std::move(plan)), delivered_(delivered) {
    capabilities_.pipelining = capabilities_.eightbitmime = capabilities_.smtputf8 = true;
  }
  const smtp::Capabilities& capabilities() const override { return capabilities_; }
  const std::string& endpoint() const override { return endpoint_; }
  void queue(const smtp::BackendCommand& command) override { queued_.push_back(command); }
  void set_message(const smtp_client::Message& message) override { message_ = message; }
  bool reusable() const override { return queued_.empty(); }
  boost::asio::awaitable<smtp::BackendEvent> next_event() override { co_return next(); }

 private:
  smtp::BackendEvent next();
  smtp::Reply reply_at(Step step, const smtp::Reply& otherwise) const {
    const auto planned = plan_.replies.find(step);
    return planned == plan_.replies.end() ? otherwise : planned->second;
  }

  Plan plan_;
  std::vector<Delivered>& delivered_;
  smtp::Capabilities capabilities_;
  std::string endpoint_ = "scripted";
  std::vector<smtp::BackendCommand> queued_;
  smtp_client::Message message_;
  Delivered open_;
};

inline smtp::BackendEvent ScriptedBackend::next() {
  if (queued_.empty()) return smtp::Lost{{Errc::Syntax, "nothing was asked"}, std::nullopt};
  const smtp::BackendCommand command = queued_.front();
  queued_.erase(queued_.begin());
  const auto lost = [this](Step step) { return plan_.lose && plan_.lose_at == step; };
  smtp::Lost gone{{Errc::Unavailable, "closed"}, std::nullopt};
  if (const auto* mail = std::get_if<smtp::SendMail>(&command)) {
    if (lost(Step::Mail)) return gone;
    open_ = {mail::to_string(mail->path), {}, "", {}};
    return smtp::MailReply{reply_at(Step::Mail, {250, {2, 1, 0}, "ok"})};
  }
  if (const auto* rcpt = std::get_if<smtp::SendRcpt>(&command)) {
    if (lost(Step::Rcpt)) return gone;
    const auto planned = plan_.rcpt.find(rcpt->path.mailbox.local);
    smtp::Reply reply = planned == plan_.rcpt.end() ? reply_at(Step::Rcpt, {250, {2, 1, 5}, "ok"}) : planned->second;
    if (reply.positive()) {
      open_.recipients.push_back(mail::to_string(rcpt->path));
      open_.notify_never.push_back(rcpt->notify_never);
    }
    return smtp::RcptReply{std::move(reply)};
  }
  if (std::holds_alternative<smtp::SendData>(command)) {
    if (lost(Step::Data)) return gone;
    return smtp::DataReply{reply_at(Step::Data, {354, {}, "go"})};
  }
  if (std::holds_alternative<smtp::SendBody>(command)) {
    if (lost(Step::InBody)) return smtp::Lost{gone.error, std::nullopt, false};
    if (lost(Step::Body)) return gone;
    open_.message = std::string(message_.prepended);
    for (;;) {
      const auto piece = message_.body->read(open_.message.size() - message_.prepended.size(), 1000);
      if (!piece || piece->empty()) break;
      open_.message += *piece;
    }
    std::vector<smtp::Reply> replies = plan_.final_replies;
    if (replies.empty()) replies.push_back(reply_at(Step::Body, {250, {2, 0, 0}, "stored"}));
    if (replies.front().positive()) delivered_.push_back(open_);
    return smtp::FinalReplies{std::move(replies)};
  }
  return smtp::ResetReply{reply_at(Step::Reset, {250, {2, 0, 0}, "ok"})};
}

// Gives out one backend after the other, each with its plan; without plans, none can be had.
class ScriptedPool final : public smtp_client::BackendPool {
 public:
  std::vector<Plan> plans;
  std::vector<Delivered> delivered;
  unsigned released = 0;

  boost::asio::awaitable<Result<std::unique_ptr<smtp_client::Backend>>> acquire(
      const std::vector<std::string>&) override {
    if (plans.empty()) co_return fail(Errc::Unavailable, "connection refused");
    Plan plan = plans.front();
    if (plans.size() > 1) plans.erase(plans.begin());
    if (plan.lose && plan.lose_at == Step::Connect) co_return fail(Errc::Unavailable, "connection refused");
    std::unique_ptr<smtp_client::Backend> made = std::make_unique<ScriptedBackend>(std::move(plan), delivered);
    co_return made;
  }
  void release(std::unique_ptr<smtp_client::Backend> backend) override {
    if (backend->reusable()) ++released;
  }
  smtp::Capabilities common_capabilities() const override {
    smtp::Capabilities all;
    all.eightbitmime = all.smtputf8 = true;
    return all;
  }
};

class KeptJournal final : public inspect::Journal {
 public:
  std::vector<inspect::JournalRow> rows;
  void append(inspect::JournalRow row) override { rows.push_back(std::move(row)); }
};

class KeptResults final : public inspect::MixedResults {
 public:
  std::vector<smtp::Remember> kept;
  std::vector<std::move_only_function<void()>> waiting;  // the disk is slow: the test says when it is done

  void put(const smtp::Remember& remember, std::move_only_function<void()> done) override {
    kept.push_back(remember);
    waiting.push_back(std::move(done));
  }
  std::optional<smtp::Remembered> find(const mail::ReversePath&, const mail::ForwardPath& recipient) override {
    for (const auto& one : kept) {
      if (one.recipient == recipient) return one.what;
    }
    return std::nullopt;
  }
};

// Knows the addresses of one list; "slow@" is answered when the test says so.
class ListGuard final : public inspect::Guard {
 public:
  std::vector<std::string> known{"ann", "bob", "cid", "slow"};
  std::vector<Done> slow;

  Cancel contribute_rcpt(const judge::Ruleset&, judge::Facts& facts, Done done) override {
    const std::string& local = facts.recipient.value().mailbox.local;
    const bool exists = std::ranges::find(known, local) != known.end();
    facts.recipient_status =
        judge::Fact<judge::RecipientStatus>::known({exists ? judge::Existence::Exists : judge::Existence::Absent,
                                                    "list", judge::RecipientMode::Reject550, false, true});
    if (local == "slow") {
      slow.push_back(std::move(done));
      return [this] { slow.clear(); };
    }
    done();
    return {};
  }
};

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest();
  ~GatewayTest() override;

  // A client connects; what it heard so far is returned.
  std::string connect(const std::string& first = "");
  // The client says this; returns what it hears in answer when nothing more happens.
  std::string say(std::string_view bytes);
  void hang_up();
  std::string settle();  // lets everything happen that can, and reads
  // The codes of the replies in `heard`, "250 550 ...", continuation lines left out.
  static std::string codes(const std::string& heard);

  // The settings a test may change before connect().
  Options options;
  std::shared_ptr<judge::Ruleset> ruleset = std::make_shared<judge::Ruleset>();

  SystemClock clock;  // the wheel keeps the same time
  boost::asio::io_context context;
  net::DeadlineWheel wheel{context};
  IdSource ids{clock, 7};
  KeptJournal journal;
  ListGuard* guard = nullptr;
  testing::ScriptedChecks sender_checks;  // switched off, until a test switches them on
  std::unique_ptr<inspect::Inspector> inspector;
  KeptResults mixed;
  net::Quota connections{net::Quota::Options{}};
  spool::Quota spool_quota;
  std::shared_ptr<ScriptedPool> pool = std::make_shared<ScriptedPool>();
  std::vector<std::string> alarms;
  std::unique_ptr<Server> server;
  int client = -1;
  bool closed = false;
};

inline GatewayTest::GatewayTest() {
  ruleset->hostname = "mx.example.org";
  ruleset->domains["example.org"] = {"example.org", 0, true, false};
  options.session.hostname = ruleset->hostname;
  pool->plans = {Plan{}};
  auto list = std::make_unique<ListGuard>();
  guard = list.get();
  std::vector<std::unique_ptr<inspect::Guard>> guards;
  guards.push_back(std::move(list));
  sender_checks.script.off = true;
  guards.push_back(std::make_unique<inspect::SenderGuard>(sender_checks));
  inspector = std::make_unique<inspect::Inspector>(inspect::InspectorOptions{}, std::move(guards), journal, clock);
}

inline GatewayTest::~GatewayTest() {
  hang_up();
  settle();
}

inline std::string GatewayTest::connect(const std::string& first) {
  if (!server) {
    auto setup = std::make_shared<gateway::Setup>();
    setup->options = std::make_shared<const Options>(options);
    setup->ruleset = ruleset;
    setup->pools = {pool};
    Observer observer;
    observer.alarm = [this](std::string_view, std::string_view text) { alarms.emplace_back(text); };
    server = std::make_unique<Server>(
        context, Services{clock, ids, *inspector, mixed, wheel, connections, spool_quota, std::move(observer)},
        std::move(setup));
  }
  std::array<int, 2> pair{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
  client = pair[0];
  closed = false;
  if (!first.empty()) EXPECT_EQ(::send(client, first.data(), first.size(), MSG_NOSIGNAL), std::ssize(first));
  net::Socket socket(context);
  socket.assign(boost::asio::generic::stream_protocol(AF_UNIX, 0), pair[1]);
  server->accept(std::move(socket), {ip::parse_address("192.0.2.7").value(), 4242});
  return settle();
}

inline std::string GatewayTest::settle() {
  std::string heard;
  for (int quiet = 0; quiet < 3;) {
    context.restart();
    const bool worked = context.poll() > 0;
    std::array<char, 4096> buffer{};
    const ssize_t got = client < 0 ? -1 : ::recv(client, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) heard.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0) closed = true;
    quiet = worked || got > 0 ? 0 : quiet + 1;
  }
  return heard;
}

inline std::string GatewayTest::say(std::string_view bytes) {
  EXPECT_EQ(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
  return settle();
}

inline void GatewayTest::hang_up() {
  if (client >= 0) ::close(client);
  client = -1;
}

inline std::string GatewayTest::codes(const std::string& heard) {
  std::string codes;
  for (std::size_t at = 0; at + 4 <= heard.size();) {
    if (heard[at + 3] == ' ') codes += (codes.empty() ? "" : " ") + heard.substr(at, 3);
    const auto end = heard.find('\n', at);
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return codes;
}

}  // namespace anechoic::gateway::test
