// SPDX-License-Identifier: Apache-2.0
// What is counted, for Prometheus. Metrics owns the registry and is made once by app/; rooms get a pointer to their
// struct of handles (which may be null: count nothing) and never see a label that is not from a closed set.
//
// A handle is a pointer: copying is free, and a default-made one does nothing, so tests need no registry.
// Units: seconds and octets. Lifetime: Metrics outlives all handles. Threads: handles from any thread; making them
// (backend(), domain sets) from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace anechoic::observe {

class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void add(double by = 1) const;
  [[nodiscard]] double value() const;

 private:
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void add(double by = 1) const;
  void set(double value) const;
  [[nodiscard]] double value() const;

 private:
  prometheus::Gauge* gauge_ = nullptr;
};

// A gauge that goes up for as long as this lives.
class Counted {
 public:
  explicit Counted(Gauge gauge) : gauge_(gauge) { gauge_.add(1); }
  ~Counted() { gauge_.add(-1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Gauge gauge_;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(std::chrono::nanoseconds took) const;

 private:
  prometheus::Histogram* histogram_ = nullptr;
};

// A counter with one or two labels, each from a closed set; a word outside its set counts as "other". A series appears
// with its first count.
class LabelledCounter {
 public:
  struct State;
  LabelledCounter() = default;
  explicit LabelledCounter(State& state) : state_(&state) {}
  void add(std::string_view first, std::string_view second = {}, double by = 1) const;

 private:
  State* state_ = nullptr;
};

// The labels that judgement gives: names of actions, of reasons and of kinds.
struct Labels {
  std::vector<std::string> actions;
  std::vector<std::string> reasons;
  std::vector<std::string> kinds{};
};

struct GatewayMetrics {
  Counter connections;           // accepted
  LabelledCounter refused;       // reason: connections turned away at once
  Gauge sessions;                // open
  Counter tls_sessions;          // STARTTLS completed
  Counter tls_failures;          // STARTTLS begun and failed
  LabelledCounter transactions;  // action, reason: what became of a message
  LabelledCounter kinds;         // kind: what the messages were that were looked at
  LabelledCounter auth_results;  // method, result: who really sent the messages that were looked at
  LabelledCounter recipients;    // reason: answers to RCPT
  Histogram transaction_time;    // MAIL to the last answer
  Gauge spool_memory;            // octets of bodies held in memory
  Gauge spool_disk;              // octets of bodies held in unlinked files
  Counter octets;                // of bodies received
  LabelledCounter alarms;        // reason: things an operator must look at
};

struct BackendMetrics {
  Counter acquired;            // connections taken for a message, new or pooled
  Counter acquire_failures;    // ... or none to be had
  Gauge connections;           // in use
  Gauge pooled;                // idle
  Histogram acquire_time;      // until a connection is ready for MAIL
  Histogram rcpt_time;         // RCPT to its reply
  Histogram end_of_data_time;  // final dot to its reply
};

struct RecipientMetrics {
  LabelledCounter probes;  // answer: accepted, refused, deferred, failed
  Gauge probes_in_flight;
  Gauge sources_down;  // recipient sources with an alarm
};

struct JournalMetrics {
  Counter rows;
  Counter dropped;  // the queue was full
  Gauge failing;    // 1: the last write failed
  Gauge queue;
  Gauge octets;  // of the files
};

class Metrics {
 public:
  explicit Metrics(const Labels& labels);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  [[nodiscard]] const GatewayMetrics& gateway() const;
  [[nodiscard]] const RecipientMetrics& recipients() const;
  [[nodiscard]] const JournalMetrics& journal() const;
  // Handles of the backend of this name in the settings (so a closed set); the same ones each time.
  [[nodiscard]] const BackendMetrics& backend(const std::string& name);
  void count_reload(bool good);
  void set_started(std::string_view version, std::chrono::sys_seconds at);
  void set_log_dropped(std::uint64_t events);

  // The Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::observe
