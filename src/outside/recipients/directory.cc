// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/directory.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace anechoic::recipients {
namespace {

using Kind = SourceAnswer::Kind;
using Sources = std::vector<std::shared_ptr<Source>>;

// A source may say Wait this often for one question; then it counts as down.
constexpr unsigned kWaits = 2;

const Sources* sources_of(const SourceTable& table, const std::string& domain) {
  const auto found = table.find(domain);
  return found == table.end() || found->second.empty() ? nullptr : &found->second;
}

inspect::RecipientAnswer known(const Source& source, judge::Existence existence, const SourceAnswer& answer = {}) {
  return {.status = judge::Fact<judge::RecipientStatus>::known({.existence = existence,
                                                                .source = source.name(),
                                                                .mode = source.mode(),
                                                                .stale = answer.stale,
                                                                .listed_exactly = answer.exact})};
}

// What the sources say together; nullopt: `wait_for` must be waited for.
class Consultation {
 public:
  std::optional<inspect::RecipientAnswer> ask(const Sources& sources, const mail::Mailbox& mailbox, bool may_wait) {
    for (const std::shared_ptr<Source>& source : sources) {
      SourceAnswer answer = source->find(mailbox);
      switch (answer.kind) {
        case Kind::Exists:
          return known(*source, judge::Existence::Exists, answer);
        case Kind::Absent:
          if (!down_) {
            return known(*source, judge::Existence::Absent);
          }
          break;
        case Kind::AcceptsAll:
          accepts_all_ = accepts_all_ == nullptr ? source.get() : accepts_all_;
          break;
        case Kind::Wait:
          if (may_wait) {
            wait_for = source;
            return std::nullopt;
          }
          is_down(*source, "no answer in time");
          break;
        case Kind::Down:
          is_down(*source, answer.because);
          break;
        case Kind::Nothing:
          break;
      }
    }
    if (down_) {
      return inspect::RecipientAnswer{.status = judge::Fact<judge::RecipientStatus>::unknown(std::move(because_)),
                                      .down_mode = *down_};
    }
    return accepts_all_ != nullptr ? known(*accepts_all_, judge::Existence::AcceptsAll) : inspect::RecipientAnswer{};
  }

  std::shared_ptr<Source> wait_for;

 private:
  void is_down(const Source& source, const std::string& because) {
    down_ = std::max(down_.value_or(judge::RecipientMode::Observe), source.mode());
    because_ += (because_.empty() ? "" : "; ") + source.name() + ": " + because;
  }

  const Source* accepts_all_ = nullptr;
  std::optional<judge::RecipientMode> down_;  // the strictest, so far
  std::string because_;
};

}  // namespace

struct Directory::State : std::enable_shared_from_this<State> {
  struct Question {
    std::shared_ptr<const SourceTable> table;  // the one it was asked under
    mail::Mailbox mailbox;
    Callback callback;
    unsigned waits = 0;
  };

  std::shared_ptr<const SourceTable> table;
  Post post;
  Ticket last_ticket = 0;
  std::unordered_map<Ticket, Question> open;

  void wait(Ticket ticket, Source& source) {
    source.wait(open.at(ticket).mailbox, [state = weak_from_this(), to = post, ticket] {
      to([state, ticket] {
        if (const auto alive = state.lock()) {
          alive->again(ticket);
        }
      });
    });
  }

  void again(Ticket ticket) {
    const auto found = open.find(ticket);
    if (found == open.end()) {
      return;  // cancelled
    }
    Question& question = found->second;
    Consultation consultation;
    const Sources* sources = sources_of(*question.table, question.mailbox.domain);
    auto answer = consultation.ask(*sources, question.mailbox, ++question.waits < kWaits);
    if (!answer) {
      wait(ticket, *consultation.wait_for);
      return;
    }
    Callback callback = std::move(question.callback);
    open.erase(found);
    callback(*std::move(answer));
  }
};

Directory::Directory(std::shared_ptr<const SourceTable> table, Post post) : state_(std::make_shared<State>()) {
  state_->table = std::move(table);
  state_->post = std::move(post);
}

Directory::~Directory() = default;

void Directory::replace(std::shared_ptr<const SourceTable> table) {
  state_->table = std::move(table);
}

inspect::Recipients::Ticket Directory::find(const mail::Mailbox& mailbox, Callback callback) {
  const Sources* sources = sources_of(*state_->table, mailbox.domain);
  if (sources == nullptr) {
    callback({});
    return 0;
  }
  Consultation consultation;
  if (auto answer = consultation.ask(*sources, mailbox, true)) {
    callback(*std::move(answer));
    return 0;
  }
  const Ticket ticket = ++state_->last_ticket;
  state_->open.emplace(ticket, State::Question{state_->table, mailbox, std::move(callback)});
  state_->wait(ticket, *consultation.wait_for);
  return ticket;
}

void Directory::cancel(Ticket ticket) {
  state_->open.erase(ticket);
}

void Directory::learn(const mail::Mailbox& mailbox, const smtp::Reply& live) {
  if (const Sources* sources = sources_of(*state_->table, mailbox.domain)) {
    for (const std::shared_ptr<Source>& source : *sources) {
      source->learn(mailbox, live);
    }
  }
}

std::vector<SourceReport> show(const SourceTable& table, const mail::Mailbox& mailbox) {
  std::vector<SourceReport> reports;
  if (const Sources* sources = sources_of(table, mailbox.domain)) {
    for (const std::shared_ptr<Source>& source : *sources) {
      reports.push_back(source->show(mailbox));
    }
  }
  return reports;
}

std::size_t forget(const SourceTable& table, const mail::Mailbox& mailbox) {
  std::size_t forgotten = 0;
  if (const Sources* sources = sources_of(table, mailbox.domain)) {
    for (const std::shared_ptr<Source>& source : *sources) {
      forgotten += source->forget(mailbox) ? 1U : 0U;
    }
  }
  return forgotten;
}

}  // namespace anechoic::recipients
