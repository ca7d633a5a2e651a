// SPDX-License-Identifier: Apache-2.0
// What an operator must look at, at this moment: raised, and over again. Each change is logged once.   Threads: any.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace anechoic::app {

class Alarms {
 public:
  Alarms(observe::Log& log, const observe::GatewayMetrics& metrics, const Clock& clock)
      : log_(log), metrics_(metrics), clock_(clock) {}

  // `reason`: of reasons.h. `about`: the backend or source. Raised again with the same text within a minute: not told.
  void raise(std::string_view reason, const std::string& about, const std::string& text);
  // Does nothing, at next to no cost, while it is not raised: for callers that find all well each time.
  void over(std::string_view reason, const std::string& about, const std::string& text);
  [[nodiscard]] std::size_t count(std::string_view reason) const;
  [[nodiscard]] std::vector<std::string> active() const;  // "recipient-source-down people: ..."

 private:
  // Alarms that nothing ends (a backend that refuses us) are over when they were not heard for so long.
  static constexpr std::chrono::minutes kFresh{10};
  struct Entry {
    std::string text;
    SteadyTime heard;
    SteadyTime told;
    bool lasting = false;
  };
  observe::Log& log_;
  const observe::GatewayMetrics& metrics_;
  const Clock& clock_;
  std::atomic<std::size_t> raised_ = 0;  // size of active_
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> active_;
};

}  // namespace anechoic::app
