// SPDX-License-Identifier: Apache-2.0
// A prober whose probes are counted.   Threads: those of the prober behind it.
#pragma once

#include <utility>

#include "observe/metrics.h"
#include "outside/recipients/prober.h"

namespace anechoic::app {

class MeteredProber final : public recipients::Prober {
 public:
  MeteredProber(recipients::Prober& prober, const observe::RecipientMetrics& metrics)
      : prober_(prober), metrics_(metrics) {}

  void probe(const mail::Mailbox& recipient, Done done) override {
    metrics_.probes_in_flight.add(1);
    Done counted = [&metrics = metrics_, done = std::move(done)](Result<smtp::Reply> reply) mutable {
      metrics.probes_in_flight.add(-1);
      metrics.probes.add(word(reply));
      done(std::move(reply));
    };
    prober_.probe(recipient, std::move(counted));
  }

 private:
  static std::string_view word(const Result<smtp::Reply>& reply) {
    if (!reply) return "failed";
    if (reply->positive()) return "accepted";
    return reply->permanent() ? "refused" : "deferred";
  }

  recipients::Prober& prober_;
  const observe::RecipientMetrics& metrics_;
};

}  // namespace anechoic::app
