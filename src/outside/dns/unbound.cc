// SPDX-License-Identifier: Apache-2.0
// Who touches what: `Core` is shared by all threads, under its mutex. A `Ticket` is in Core's list while libunbound has
// the question; libunbound's callback (on home's thread) takes it out. An `Inbox` joins a resolver and home: home puts
// answers in and posts one call to the resolver's io_context, under the inbox's mutex; a resolver that goes closes its
// inbox first, so nothing is ever posted to an io_context that may be gone.
#include "outside/dns/unbound.h"

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "outside/dns/unbound_setup.h"

namespace anechoic::dns {

namespace {

using auth::Answer;
using auth::Found;
using auth::Question;
using auth::SharedAnswer;

// Whoever waited for less says little about the name, so his time-out is not worth keeping.
constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::seconds kTimeoutTtl{30};
// So many questions in a row without an answer, none of them hurried: the DNS seems to be down. The next ones still
// ask, so that it is seen when it is back.
constexpr unsigned kSilence = 3;
constexpr std::chrono::seconds kWhileSilent{1};

SharedAnswer failing(Found found, std::chrono::seconds ttl, std::string detail) {
  return std::make_shared<const Answer>(Answer{.found = found, .records = {}, .ttl = ttl, .detail = std::move(detail)});
}

SharedAnswer leaving() {
  return failing(Found::TemporaryFailure, {}, "the resolver is leaving");
}

class UnboundResolver;

struct Inbox : std::enable_shared_from_this<Inbox> {
  std::mutex mutex;
  boost::asio::io_context* context = nullptr;  // null: the resolver has gone
  std::vector<std::pair<std::uint64_t, SharedAnswer>> arrived;
  UnboundResolver* owner = nullptr;  // only of the resolver's thread

  void put(std::uint64_t id, SharedAnswer answer);
  void hand_over();
};

struct Core;

struct Ticket {
  Core* core;
  std::shared_ptr<Inbox> inbox;
  std::uint64_t id;
  Type type;
  std::list<Ticket>::iterator self{};
};

struct Core {
  std::mutex mutex;
  UnboundContext context;  // null: Unbound has gone, or libunbound's thread
  std::list<Ticket> open;
  std::size_t most_open = 0;

  // Null: asked, and answered later through the inbox.
  SharedAnswer ask(const Question& question, std::shared_ptr<Inbox> inbox, std::uint64_t id);
  void end();
  static void answered(void* data, int error, ub_result* result);
};

SharedAnswer Core::ask(const Question& question, std::shared_ptr<Inbox> inbox, std::uint64_t id) {
  const std::string name = question.name.to_string();
  const std::scoped_lock lock(mutex);
  if (!context) return leaving();
  if (open.size() >= most_open) return failing(Found::TemporaryFailure, {}, "too many open questions");
  const auto ticket = open.insert(open.end(), Ticket{this, std::move(inbox), id, question.type});
  ticket->self = ticket;
  const int status = ub_resolve_async(context.get(), name.c_str(), static_cast<int>(question.type), 1, &*ticket,
                                      &Core::answered, nullptr);
  if (status == 0) return nullptr;
  open.erase(ticket);
  return failing(Found::TemporaryFailure, {}, std::string("libunbound: ") + ub_strerror(status));
}

void Core::answered(void* data, int error, ub_result* result) {
  auto* const ticket = static_cast<Ticket*>(data);
  SharedAnswer answer = answer_of(ticket->type, error, result);
  ub_resolve_free(result);
  Core& core = *ticket->core;
  std::list<Ticket> done;
  {
    const std::scoped_lock lock(core.mutex);
    done.splice(done.end(), core.open, ticket->self);
  }
  ticket->inbox->put(ticket->id, std::move(answer));
}

// Joins libunbound's thread, then answers what it has left open.
void Core::end() {
  UnboundContext ended;
  std::list<Ticket> left;
  {
    const std::scoped_lock lock(mutex);
    ended = std::move(context);
  }
  ended.reset();
  {
    const std::scoped_lock lock(mutex);
    left = std::move(open);
    open.clear();
  }
  for (Ticket& ticket : left) ticket.inbox->put(ticket.id, leaving());
}

class UnboundResolver final : public auth::Resolver {
 public:
  UnboundResolver(std::shared_ptr<Core> core, boost::asio::io_context& context, net::DeadlineWheel& wheel)
      : core_(std::move(core)), wheel_(wheel), inbox_(std::make_shared<Inbox>()) {
    inbox_->context = &context;
    inbox_->owner = this;
  }

  ~UnboundResolver() override {
    {
      const std::scoped_lock lock(inbox_->mutex);
      inbox_->context = nullptr;
      inbox_->owner = nullptr;
    }
    leaving_ = true;
    while (!open_.empty()) answer(open_.begin()->first, leaving());
  }

  void resolve(const Question& question, SteadyTime deadline, Callback callback) override {
    if (leaving_) return callback(leaving());
    const SteadyTime now = std::chrono::steady_clock::now();
    if (deadline <= now) return callback(failing(Found::Timeout, {}, "no time left"));
    if (unheard_ >= kSilence) deadline = std::min(deadline, now + kWhileSilent);
    const std::uint64_t id = ++last_id_;
    if (SharedAnswer refused = core_->ask(question, inbox_, id)) return callback(std::move(refused));
    auto open = std::make_unique<Open>(*this, id, deadline - now >= kPatience, std::move(callback));
    open->arm(deadline);
    open_.emplace(id, std::move(open));
  }

  // From libunbound, perhaps too late for who asked.
  void arrived(std::uint64_t id, SharedAnswer what) {
    if (auth::is_definite(what->found)) unheard_ = 0;
    answer(id, std::move(what));
  }

  void answer(std::uint64_t id, SharedAnswer answer) {
    const auto found = open_.find(id);
    if (found == open_.end()) return;  // it has timed out
    Callback callback = std::move(found->second->callback);
    open_.erase(found);
    callback(std::move(answer));
  }

 private:
  struct Open final : net::Deadline {
    Open(UnboundResolver& resolver_in, std::uint64_t id_in, bool patient_in, Callback callback_in)
        : Deadline(resolver_in.wheel_),
          resolver(resolver_in),
          id(id_in),
          patient(patient_in),
          callback(std::move(callback_in)) {}
    void expired() override {
      if (patient) ++resolver.unheard_;
      resolver.answer(id,
                      failing(Found::Timeout, patient ? kTimeoutTtl : std::chrono::seconds(0), "no answer in time"));
    }
    UnboundResolver& resolver;
    const std::uint64_t id;
    const bool patient;
    Callback callback;
  };

  std::shared_ptr<Core> core_;
  net::DeadlineWheel& wheel_;
  std::shared_ptr<Inbox> inbox_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Open>> open_;
  std::uint64_t last_id_ = 0;
  unsigned unheard_ = 0;  // questions in a row that nothing was heard of
  bool leaving_ = false;
};

void Inbox::put(std::uint64_t id, SharedAnswer answer) {
  const std::scoped_lock lock(mutex);
  if (context == nullptr) return;
  arrived.emplace_back(id, std::move(answer));
  if (arrived.size() == 1) boost::asio::post(*context, [inbox = shared_from_this()] { inbox->hand_over(); });
}

void Inbox::hand_over() {
  std::vector<std::pair<std::uint64_t, SharedAnswer>> answers;
  {
    const std::scoped_lock lock(mutex);
    answers.swap(arrived);
  }
  for (auto& [id, answer] : answers) {
    if (owner == nullptr) return;  // a callback has ended the resolver
    owner->arrived(id, std::move(answer));
  }
}

}  // namespace

// Calls libunbound on home whenever it has results.
class Unbound::Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(boost::asio::io_context& home, UnboundContext context, std::size_t most_open) : descriptor_(home) {
    descriptor_.assign(ub_fd(context.get()));
    core_->context = std::move(context);
    core_->most_open = most_open;
  }
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;
  ~Pump() { end(); }

  void wait() {
    descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                           [weak = weak_from_this()](boost::system::error_code error) {
                             const auto pump = weak.lock();
                             if (pump && !error) pump->process();
                           });
  }

  [[nodiscard]] const std::shared_ptr<Core>& core() const { return core_; }

 private:
  void process() {
    // Only this thread ends the context, so it needs no lock here.
    if (ub_process(core_->context.get()) == 0) return wait();
    end();  // libunbound's thread has ended: a defect, which all questions hear
  }

  void end() {
    if (descriptor_.is_open()) descriptor_.release();  // the descriptor is libunbound's
    core_->end();
  }

  boost::asio::posix::stream_descriptor descriptor_;
  std::shared_ptr<Core> core_ = std::make_shared<Core>();
};

Result<std::unique_ptr<Unbound>> Unbound::start(boost::asio::io_context& home, const UnboundOptions& options) {
  auto context = make_context(options);
  if (!context) return Failure(context.error());
  const auto pump = std::make_shared<Pump>(home, std::move(*context), options.open_questions);
  pump->wait();
  return std::unique_ptr<Unbound>(new Unbound(pump));
}

Unbound::~Unbound() = default;

std::unique_ptr<auth::Resolver> Unbound::resolver(boost::asio::io_context& context, net::DeadlineWheel& wheel) {
  return std::make_unique<UnboundResolver>(pump_->core(), context, wheel);
}

std::size_t Unbound::open() const {
  const auto core = pump_->core();
  const std::scoped_lock lock(core->mutex);
  return core->open.size();
}

}  // namespace anechoic::dns
