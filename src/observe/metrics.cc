// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>

namespace anechoic::observe {

void Counter::add(double by) const {
  if (counter_ != nullptr) counter_->Increment(by);
}

double Counter::value() const {
  return counter_ != nullptr ? counter_->Value() : 0;
}

void Gauge::add(double by) const {
  if (gauge_ != nullptr) gauge_->Increment(by);
}

void Gauge::set(double value) const {
  if (gauge_ != nullptr) gauge_->Set(value);
}

double Gauge::value() const {
  return gauge_ != nullptr ? gauge_->Value() : 0;
}

void Histogram::observe(std::chrono::nanoseconds took) const {
  if (histogram_ != nullptr) histogram_->Observe(std::chrono::duration<double>(took).count());
}

// One label and its words; the last word is "other".
class ClosedSet {
 public:
  ClosedSet(std::string label, std::vector<std::string> words) : label_(std::move(label)), words_(std::move(words)) {
    words_.emplace_back("other");
    for (std::size_t i = 0; i < words_.size(); ++i) index_.emplace(words_[i], i);
  }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] std::size_t index(std::string_view word) const {
    const auto found = index_.find(word);
    return found == index_.end() ? words_.size() - 1 : found->second;
  }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& word(std::size_t i) const { return words_[i]; }

 private:
  std::string label_;
  std::vector<std::string> words_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

struct LabelledCounter::State {
  State(prometheus::Family<prometheus::Counter>& owner, ClosedSet one)
      : family(owner), first(std::move(one)), counters(first.size()) {}
  State(prometheus::Family<prometheus::Counter>& owner, ClosedSet one, ClosedSet two)
      : family(owner), first(std::move(one)), second(std::move(two)), counters(first.size() * second->size()) {}

  prometheus::Counter& at(std::size_t i, std::size_t j) {
    std::atomic<prometheus::Counter*>& slot = counters[i * (second ? second->size() : 1) + j];
    prometheus::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
      std::map<std::string, std::string> labels{{first.label(), first.word(i)}};
      if (second) labels.emplace(second->label(), second->word(j));
      counter = &family.Add(labels);  // the same object for the same labels, so two threads agree
      slot.store(counter, std::memory_order_release);
    }
    return *counter;
  }

  prometheus::Family<prometheus::Counter>& family;
  ClosedSet first;
  std::optional<ClosedSet> second;
  std::vector<std::atomic<prometheus::Counter*>> counters;
};

void LabelledCounter::add(std::string_view first, std::string_view second, double by) const {
  if (state_ == nullptr) return;
  const std::size_t j = state_->second ? state_->second->index(second) : 0;
  state_->at(state_->first.index(first), j).Increment(by);
}

namespace {

using Names = std::map<std::string, std::string>;

const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,   0.5,   1,      2.5,   5,    10,    30,   60};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  std::deque<LabelledCounter::State> labelled;
  GatewayMetrics gateway;
  RecipientMetrics recipients;
  JournalMetrics journal;
  std::mutex mutex;  // of backends
  std::map<std::string, BackendMetrics> backends;
  LabelledCounter reloads;
  Gauge log_dropped;

  prometheus::Family<prometheus::Counter>& counters(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Counter counter(const std::string& name, const std::string& help, const Names& labels = {}) {
    return Counter(counters(name, help).Add(labels));
  }
  Gauge gauge(const std::string& name, const std::string& help, const Names& labels = {}) {
    return Gauge(prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels));
  }
  Histogram seconds(const std::string& name, const std::string& help, const Names& labels = {}) {
    return Histogram(prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, kSeconds));
  }
  LabelledCounter table(const std::string& name, const std::string& help, ClosedSet set) {
    return LabelledCounter(labelled.emplace_back(counters(name, help), std::move(set)));
  }

  void make_gateway(const Labels& labels) {
    const ClosedSet reasons("reason", labels.reasons);
    gateway.connections = counter("anechoic_connections_total", "SMTP connections accepted");
    gateway.refused = table("anechoic_connections_refused_total", "SMTP connections turned away at once", reasons);
    gateway.sessions = gauge("anechoic_sessions", "SMTP sessions open");
    gateway.tls_sessions = counter("anechoic_tls_sessions_total", "STARTTLS handshakes completed");
    gateway.tls_failures = counter("anechoic_tls_failures_total", "STARTTLS handshakes failed");
    gateway.transactions = LabelledCounter(
        labelled.emplace_back(counters("anechoic_transactions_total", "What became of the messages, and why"),
                              ClosedSet("action", labels.actions), reasons));
    gateway.kinds = table("anechoic_messages_total", "Messages by their kind", ClosedSet("kind", labels.kinds));
    gateway.auth_results = LabelledCounter(labelled.emplace_back(
        counters("anechoic_auth_results_total", "Who really sent the messages, by method and result"),
        ClosedSet("method", {"spf", "helo", "dkim", "dmarc", "arc"}),
        ClosedSet("result", {"none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"})));
    gateway.recipients = table("anechoic_rcpt_total", "Answers to RCPT, by reason", reasons);
    gateway.transaction_time = seconds("anechoic_transaction_seconds", "From MAIL to the last answer");
    gateway.spool_memory = gauge("anechoic_spool_memory_bytes", "Message bodies held in memory");
    gateway.spool_disk = gauge("anechoic_spool_disk_bytes", "Message bodies held in unlinked files");
    gateway.octets = counter("anechoic_received_bytes_total", "Octets of message bodies received");
    gateway.alarms = table("anechoic_alarms_total", "What an operator must look at, by reason", reasons);
  }

  void make_others() {
    recipients.probes = table("anechoic_probes_total", "Probes of backends for a recipient",
                              ClosedSet("answer", {"accepted", "refused", "deferred", "failed"}));
    recipients.probes_in_flight = gauge("anechoic_probes_in_flight", "Probes waiting for their answer");
    recipients.sources_down =
        gauge("anechoic_recipient_sources_down", "Recipient sources with an alarm: broken, missing, shrunk");
    journal.rows = counter("anechoic_journal_rows_total", "Rows written to the journal");
    journal.dropped = counter("anechoic_journal_dropped_total", "Rows lost because the journal's queue was full");
    journal.failing = gauge("anechoic_journal_failing", "1 while the journal can't be written");
    journal.queue = gauge("anechoic_journal_queue", "Rows waiting to be written to the journal");
    journal.octets = gauge("anechoic_journal_bytes", "Size of the journal's files");
    reloads = table("anechoic_reloads_total", "Reloads of the settings", ClosedSet("result", {"good", "bad"}));
    log_dropped = gauge("anechoic_log_dropped", "Log events lost because the log's queue was full");
  }
};

Metrics::Metrics(const Labels& labels) : state_(std::make_unique<State>()) {
  state_->make_gateway(labels);
  state_->make_others();
}

Metrics::~Metrics() = default;

const GatewayMetrics& Metrics::gateway() const {
  return state_->gateway;
}

const RecipientMetrics& Metrics::recipients() const {
  return state_->recipients;
}

const JournalMetrics& Metrics::journal() const {
  return state_->journal;
}

const BackendMetrics& Metrics::backend(const std::string& name) {
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->backends.find(name);
  if (found != state_->backends.end()) return found->second;
  State& s = *state_;
  const Names labels{{"backend", name}};
  const BackendMetrics made{
      .acquired = s.counter("anechoic_backend_acquired_total", "Backend connections taken for a message", labels),
      .acquire_failures = s.counter("anechoic_backend_acquire_failures_total",
                                    "Times that no connection to a backend could be had", labels),
      .connections = s.gauge("anechoic_backend_connections", "Connections to a backend in use", labels),
      .pooled = s.gauge("anechoic_backend_pooled", "Idle connections to a backend kept for reuse", labels),
      .acquire_time = s.seconds("anechoic_backend_acquire_seconds", "Until a connection is ready for MAIL", labels),
      .rcpt_time = s.seconds("anechoic_backend_rcpt_seconds", "RCPT until its reply", labels),
      .end_of_data_time = s.seconds("anechoic_backend_end_of_data_seconds", "Final dot until its reply", labels),
  };
  return s.backends.emplace(name, made).first->second;
}

void Metrics::count_reload(bool good) {
  state_->reloads.add(good ? "good" : "bad");
}

void Metrics::set_started(std::string_view version, std::chrono::sys_seconds at) {
  state_->gauge("anechoic_build_info", "Always 1; the version is its label", {{"version", std::string(version)}})
      .set(1);
  state_->gauge("anechoic_start_time_seconds", "When this process started, Unix time")
      .set(static_cast<double>(at.time_since_epoch().count()));
}

void Metrics::set_log_dropped(std::uint64_t events) {
  state_->log_dropped.set(static_cast<double>(events));
}

std::string Metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, state_->registry.Collect());
  return std::move(out).str();
}

}  // namespace anechoic::observe
