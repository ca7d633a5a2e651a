// SPDX-License-Identifier: Apache-2.0
// The backend's half: performs the Relay's actions and brings it the backend's events.
#include <algorithm>

#include "doors/gateway/bell.h"
#include "doors/gateway/exchange.h"
#include "doors/gateway/replies.h"
#include "judge/verdict/reasons.h"

namespace anechoic::gateway {

namespace reasons = judge::reasons;
using boost::asio::awaitable;

namespace {
template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
}  // namespace

void Exchange::act() {
  while (auto action = relay_.next()) act_on(*action);
}

void Exchange::act_on(const smtp::RelayAction& action) {
  std::visit(Overloaded{
                 [this](const smtp::OpenBackend& open) {
                   if (open.another && !endpoint_.empty()) tried_.push_back(endpoint_);
                   backend_.reset();
                   opening_ = open;
                 },
                 [this](const smtp::Perform& perform) {
                   if (!backend_) return;
                   if (std::holds_alternative<smtp::SendBody>(perform.command)) {
                     backend_->set_message({prepended_, spool_.get(), inspected_->id()});
                   }
                   backend_->queue(perform.command);
                 },
                 [this](const smtp::AnswerRcpt& told) { answer_rcpt(told); },
                 [this](const smtp::AnswerEnd& told) { answer_end(told); },
                 [this](const smtp::Remember& remember) {
                   if (!bell_) bell_ = std::make_shared<Bell>(executor_);
                   ++bell_->remembering;
                   services_.mixed_results.put(remember, [weak = std::weak_ptr(bell_), executor = executor_] {
                     boost::asio::post(executor, [weak] {
                       if (const auto bell = weak.lock()) {
                         --bell->remembering;
                         bell->ring();
                       }
                     });
                   });
                 },
                 [this](const smtp::Alarm& alarm) { services_.observer.alarm(endpoint_, alarm.text); },
                 [this](const smtp::Release&) { let_go_of_backend(true); },
                 [this](const smtp::Drop&) { let_go_of_backend(false); },
                 [this](const smtp::Finished& done) { finish(done.outcome); },
             },
             action);
}

void Exchange::answer_rcpt(const smtp::AnswerRcpt& told) {
  const auto one = std::ranges::find(relayed_, told.id, &Asked::id);
  if (one == relayed_.end()) return;  // the client has given it up
  if (told.live) inspected_->answered(one->path, told.reply);
  if (told.reply.positive() && ++accepted_ == 1) first_accepted_ = std::move(one->path);
  relayed_.erase(one);
  answer(told.id, told.reply.positive() ? told.reply : with_id(told.reply, id()));
}

void Exchange::answer_end(const smtp::AnswerEnd& told) {
  if (bell_ && bell_->remembering > 0) {
    held_end_ = told;
    return;
  }
  answer(told.id, with_id(told.reply, id()));
}

void Exchange::let_go_of_backend(bool sound) {
  if (!backend_) return;
  if (sound && group_ && *group_ < setup_->pools.size()) {
    setup_->pools[*group_]->release(std::move(backend_));
  }
  backend_.reset();
}

void Exchange::finish(const smtp::Outcome& outcome) {
  inspect::Ending ending;
  ending.relayed = outcome;
  ending.backend = endpoint_;
  ending.octets = octets_;
  ending.reasons = std::move(reasons_);
  ending.last = std::move(last_);
  inspected_->outcome(std::move(ending));
  finished_ = true;
}

void Exchange::take_answers() {
  take_guard_answers();
  take_end_verdict();
}

awaitable<void> Exchange::wait() {
  take_answers();
  switch (waiting_for()) {
    case Waiting::No:
      break;
    case Waiting::ForBackend:
      if (opening_) {
        co_await open_backend();
      } else {
        co_await backend_event();
      }
      break;
    case Waiting::ForAnswers:
      co_await wait_for_answers();
      break;
  }
  take_answers();
}

awaitable<void> Exchange::open_backend() {
  const smtp::OpenBackend open = *opening_;
  group_ = open.group;
  if (open.group >= setup_->pools.size()) {
    opening_.reset();
    relay_.on(smtp::BackendUnavailable{{Errc::NotFound, "no such backend"}, std::nullopt});
    co_return;
  }
  auto opened = co_await setup_->pools[open.group]->acquire(tried_);
  opening_.reset();
  if (!opened) {
    if (opened.error().code == Errc::Refused) {
      services_.observer.alarm(endpoint_, opened.error().detail);
    }
    reasons_.push_back({opened.error().code == Errc::Refused ? reasons::kBackendAboutUs : reasons::kBackendDown,
                        opened.error().detail});
    relay_.on(smtp::BackendUnavailable{opened.error(), std::nullopt});
    co_return;
  }
  backend_ = std::move(*opened);
  endpoint_ = backend_->endpoint();
  relay_.on(smtp::BackendReady{backend_->capabilities()});
}

awaitable<void> Exchange::backend_event() {
  if (!backend_) {
    relay_.on(smtp::BackendEvent(smtp::Lost{{Errc::Unavailable, "not connected"}, std::nullopt}));
    co_return;
  }
  const smtp::BackendEvent event = co_await backend_->next_event();
  relay_.on(event);
}

awaitable<void> Exchange::wait_for_answers() {
  if (!bell_) bell_ = std::make_shared<Bell>(executor_);
  const Timeouts& timeouts = setup_->options->timeouts;
  const bool for_guards = !asked_.empty();
  const SteadyTime now = services_.clock.steady();
  // A bell that rings for something else does not begin the wait for the checks anew.
  const SteadyTime until = ending_ ? ending_since_ + timeouts.checks : now + timeouts.question;
  co_await bell_->wait(std::max(until - now, SteadyTime::duration::zero()));
  const bool too_late = services_.clock.steady() >= until;
  if (for_guards && too_late) give_up_on_guards();
  if (ending_ && !end_verdict_ && too_late) inspected_->give_up("no answer in time");
  if (held_end_ && (bell_->remembering == 0 || too_late)) {
    answer(held_end_->id, with_id(held_end_->reply, id()));
    held_end_.reset();
  }
}

}  // namespace anechoic::gateway
