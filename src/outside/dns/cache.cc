// SPDX-License-Identifier: Apache-2.0
#include "outside/dns/cache.h"

#include <algorithm>
#include <cstring>
#include <list>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace anechoic::dns {

namespace {

using auth::Answer;
using auth::Found;
using auth::Question;
using auth::SharedAnswer;

constexpr std::size_t kTableNode = 96;  // octets of a list node, an index node and a bucket besides their contents

struct Key {
  std::string_view wire;
  Type type;
  friend bool operator==(const Key&, const Key&) = default;
};

Key key_of(const Question& question) {
  return {question.name.wire(), question.type};
}

struct KeyHash {
  std::uint64_t seed;

  [[nodiscard]] static std::uint64_t mix(std::uint64_t value) {  // the finaliser of splitmix64
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31U);
  }

  [[nodiscard]] std::size_t operator()(const Key& key) const {
    std::uint64_t hash = seed ^ (key.wire.size() << 16U) ^ static_cast<std::uint64_t>(key.type);
    std::string_view rest = key.wire;
    while (!rest.empty()) {
      std::uint64_t octets = 0;
      const std::size_t size = std::min(rest.size(), sizeof(octets));
      std::memcpy(&octets, rest.data(), size);
      hash = mix(hash ^ octets);
      rest.remove_prefix(size);
    }
    return hash;
  }
};

std::size_t octets_of(const Name& name) {
  return name.wire().size();
}

std::size_t octets_of(const Rdata& record) {
  if (const auto* name = std::get_if<Name>(&record)) return octets_of(*name);
  if (const auto* mx = std::get_if<Mx>(&record)) return octets_of(mx->exchange);
  if (const auto* txt = std::get_if<Txt>(&record)) return txt->text.capacity();
  return 0;
}

std::size_t octets_of(const Answer& answer) {
  std::size_t sum = sizeof(Answer) + answer.detail.capacity() + answer.records.capacity() * sizeof(Rdata);
  for (const Rdata& record : answer.records) sum += octets_of(record);
  return sum;
}

}  // namespace

struct Cache::State : std::enable_shared_from_this<Cache::State> {
  struct Entry {
    Question question;
    SharedAnswer answer;
    SteadyTime expires;
    std::size_t octets;
  };
  struct Waiting {
    SteadyTime deadline;
    Callback callback;
  };
  struct Open {
    Question question;
    SteadyTime deadline;
    std::vector<Waiting> waiting;
  };
  using Order = std::list<Entry>;  // most lately used first

  State(auth::Resolver& behind_in, const Clock& clock_in, CacheOptions options_in, std::uint64_t seed)
      : behind(behind_in), clock(clock_in), options(options_in), index(0, KeyHash{seed}), joinable(0, KeyHash{seed}) {}

  void resolve(const Question& question, SteadyTime deadline, Callback callback);
  SharedAnswer find(const Question& question);
  void ask(const Question& question, std::vector<Waiting> waiting);
  void answered(std::uint64_t id, const SharedAnswer& answer);
  [[nodiscard]] std::chrono::seconds life(const Answer& answer) const;
  void keep(const Question& question, const SharedAnswer& answer);
  void drop(Order::iterator entry);
  void leave();

  auth::Resolver& behind;
  const Clock& clock;
  const CacheOptions options;
  Counts counts;
  Order order;
  std::unordered_map<Key, Order::iterator, KeyHash> index;  // the keys are the entries'
  std::size_t octets = 0;
  std::unordered_map<std::uint64_t, Open> open;  // by number; nodes stay where they are
  std::unordered_map<Key, std::uint64_t, KeyHash> joinable;
  std::uint64_t last_id = 0;
  bool leaving = false;
  const SharedAnswer gone = std::make_shared<const Answer>(Answer{.records = {}, .detail = "the resolver is leaving"});
};

void Cache::State::resolve(const Question& question, SteadyTime deadline, Callback callback) {
  if (leaving) return callback(gone);
  if (SharedAnswer answer = find(question)) {
    ++counts.hits;
    return callback(std::move(answer));
  }
  if (const auto found = joinable.find(key_of(question)); found != joinable.end()) {
    Open& other = open.at(found->second);
    if (deadline >= other.deadline) {
      ++counts.joined;
      other.waiting.emplace_back(deadline, std::move(callback));
      return;
    }
  }
  std::vector<Waiting> waiting;
  waiting.emplace_back(deadline, std::move(callback));
  ask(question, std::move(waiting));
}

SharedAnswer Cache::State::find(const Question& question) {
  const auto found = index.find(key_of(question));
  if (found == index.end()) return nullptr;
  const auto entry = found->second;
  if (clock.steady() >= entry->expires) {
    drop(entry);
    return nullptr;
  }
  order.splice(order.begin(), order, entry);
  return entry->answer;
}

// Asks with the earliest deadline of those who wait.
void Cache::State::ask(const Question& question, std::vector<Waiting> waiting) {
  ++counts.misses;
  const std::uint64_t id = ++last_id;
  const SteadyTime deadline = std::ranges::min_element(waiting, {}, &Waiting::deadline)->deadline;
  const auto place = open.emplace(id, Open{question, deadline, std::move(waiting)}).first;
  joinable.try_emplace(key_of(place->second.question), id);
  behind.resolve(question, deadline, [weak = weak_from_this(), id](const SharedAnswer& answer) {
    if (const auto state = weak.lock()) state->answered(id, answer);
  });
}

void Cache::State::answered(std::uint64_t id, const SharedAnswer& answer) {
  const auto found = open.find(id);
  if (found == open.end()) return;  // leave() has answered it
  const auto shared = joinable.find(key_of(found->second.question));
  if (shared != joinable.end() && shared->second == id) joinable.erase(shared);
  Open done = std::move(found->second);
  open.erase(found);
  keep(done.question, answer);
  std::vector<Waiting> patient;  // those who joined with a later deadline
  const bool too_late = answer->found == Found::Timeout && clock.steady() >= done.deadline;
  for (Waiting& each : done.waiting) {
    if (too_late && each.deadline > done.deadline && !leaving) {
      patient.push_back(std::move(each));
    } else {
      each.callback(answer);
    }
  }
  if (!patient.empty()) ask(done.question, std::move(patient));
}

std::chrono::seconds Cache::State::life(const Answer& answer) const {
  if (answer.found == Found::Records) return std::clamp(answer.ttl, options.least, options.most);
  const bool definite = auth::is_definite(answer.found);
  return std::min(answer.ttl, definite ? options.negative_most : options.failure_most);
}

void Cache::State::keep(const Question& question, const SharedAnswer& answer) {
  const std::chrono::seconds lives = life(*answer);
  if (leaving || lives <= std::chrono::seconds(0) || answer->found == Found::OverBudget) return;
  const std::size_t size = sizeof(Entry) + kTableNode + question.name.wire().size() + octets_of(*answer);
  if (size > options.octets) return;
  if (const auto old = index.find(key_of(question)); old != index.end()) drop(old->second);
  order.push_front({question, answer, clock.steady() + lives, size});
  index.emplace(key_of(order.front().question), order.begin());
  octets += size;
  while (order.size() > options.entries || octets > options.octets) {
    ++counts.evicted;
    drop(std::prev(order.end()));
  }
}

void Cache::State::drop(Order::iterator entry) {
  octets -= entry->octets;
  index.erase(key_of(entry->question));
  order.erase(entry);
}

void Cache::State::leave() {
  leaving = true;
  while (!open.empty()) answered(open.begin()->first, gone);
}

Cache::Cache(auth::Resolver& behind, const Clock& clock, CacheOptions options, std::uint64_t seed)
    : state_(std::make_shared<State>(behind, clock, options, seed)) {}

Cache::~Cache() {
  state_->leave();
}

void Cache::resolve(const Question& question, SteadyTime deadline, Callback callback) {
  state_->resolve(question, deadline, std::move(callback));
}

const Cache::Counts& Cache::counts() const {
  return state_->counts;
}

std::size_t Cache::size() const {
  return state_->order.size();
}

std::size_t Cache::octets() const {
  return state_->octets;
}

}  // namespace anechoic::dns
