// SPDX-License-Identifier: Apache-2.0
#include "outside/maildir/backend.h"

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include "observe/log.h"

namespace anechoic::maildir {
namespace {

const smtp::Reply kMailOk{.code = 250, .enhanced = {2, 1, 0}, .text = "OK"};
const smtp::Reply kRcptOk{.code = 250, .enhanced = {2, 1, 5}, .text = "OK"};
const smtp::Reply kGoAhead{.code = 354, .enhanced = {}, .text = "go ahead"};
const smtp::Reply kResetOk{.code = 250, .enhanced = {2, 0, 0}, .text = "OK"};
const smtp::Reply kBadSequence{.code = 503, .enhanced = {5, 5, 1}, .text = "no transaction"};

smtp::Capabilities offered() {
  smtp::Capabilities all;
  all.size = 0;  // no bound of its own
  all.pipelining = true;
  all.eightbitmime = true;
  all.smtputf8 = true;
  all.enhanced_codes = true;
  return all;
}

smtp::Reply refusal_of(const Error& error) {
  if (error.code == Errc::Exhausted) return {.code = 452, .enhanced = {4, 3, 1}, .text = "insufficient storage"};
  return {.code = 451, .enhanced = {4, 3, 0}, .text = "the message could not be stored, try again later"};
}

}  // namespace

MaildirBackend::MaildirBackend(Delivery& delivery, net::Worker& worker, observe::Log& log, std::string endpoint)
    : delivery_(delivery), worker_(worker), log_(log), endpoint_(std::move(endpoint)) {}

const smtp::Capabilities& MaildirBackend::capabilities() const {
  static const smtp::Capabilities all = offered();
  return all;
}

void MaildirBackend::queue(const smtp::BackendCommand& command) {
  commands_.push_back(command);
}

bool MaildirBackend::reusable() const {
  return commands_.empty() && !in_transaction_;
}

boost::asio::awaitable<smtp::BackendEvent> MaildirBackend::next_event() {
  if (commands_.empty())
    co_return smtp::Lost{{Errc::Io, "the Maildir was asked for an event that no command leads to"}, {}};
  const smtp::BackendCommand command = std::move(commands_.front());
  commands_.pop_front();
  if (!std::holds_alternative<smtp::SendBody>(command)) co_return answer(command);
  smtp::FinalReplies final_replies;
  smtp::Reply reply = co_await deliver();
  final_replies.replies.push_back(std::move(reply));
  in_transaction_ = false;
  envelope_ = {};
  message_ = {};
  co_return final_replies;
}

smtp::BackendEvent MaildirBackend::answer(const smtp::BackendCommand& command) {
  if (const auto* mail = std::get_if<smtp::SendMail>(&command)) {
    envelope_ = {.sender = mail->path, .recipients = {}};
    in_transaction_ = true;
    return smtp::MailReply{kMailOk};
  }
  if (const auto* rcpt = std::get_if<smtp::SendRcpt>(&command)) {
    if (!in_transaction_) return smtp::RcptReply{kBadSequence};
    envelope_.recipients.push_back(rcpt->path);
    return smtp::RcptReply{kRcptOk};
  }
  if (std::holds_alternative<smtp::SendData>(command)) {
    return smtp::DataReply{envelope_.recipients.empty() ? kBadSequence : kGoAhead};
  }
  envelope_ = {};
  in_transaction_ = false;
  return smtp::ResetReply{kResetOk};
}

boost::asio::awaitable<smtp::Reply> MaildirBackend::deliver() {
  std::move_only_function<Result<smtp::Reply>()> job = [this]() -> Result<smtp::Reply> { return deliver_now(); };
  Result<smtp::Reply> reply = co_await worker_.run<smtp::Reply>(std::move(job));
  if (reply) co_return std::move(*reply);
  log_.event(observe::Level::Warning, "maildir-busy", {{"id", message_.id}, {"error", reply.error().detail}});
  co_return smtp::Reply{.code = 451, .enhanced = {4, 3, 2}, .text = "too many deliveries are waiting, try again later"};
}

// On a thread of the worker, while the caller waits.
smtp::Reply MaildirBackend::deliver_now() {
  if (message_.body == nullptr || envelope_.recipients.empty()) return kBadSequence;
  const auto delivered = delivery_.deliver(envelope_, message_.prepended, *message_.body, message_.id);
  if (delivered) return {.code = 250, .enhanced = {2, 0, 0}, .text = "delivered as " + message_.id};
  log_.event(observe::Level::Error, "maildir-failed", {{"id", message_.id}, {"error", delivered.error().detail}});
  return refusal_of(delivered.error());
}

MaildirPool::MaildirPool(Delivery& delivery, net::Worker& worker, observe::Log& log, std::string endpoint)
    : delivery_(delivery), worker_(worker), log_(log), endpoint_(std::move(endpoint)) {}

boost::asio::awaitable<Result<std::unique_ptr<smtp_client::Backend>>> MaildirPool::acquire(
    const std::vector<std::string>& /*avoid*/) {
  std::unique_ptr<smtp_client::Backend> backend = std::make_unique<MaildirBackend>(delivery_, worker_, log_, endpoint_);
  co_return backend;
}

void MaildirPool::release(std::unique_ptr<smtp_client::Backend> backend) {
  backend.reset();
}

smtp::Capabilities MaildirPool::common_capabilities() const {
  return offered();
}

}  // namespace anechoic::maildir
