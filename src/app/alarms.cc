// SPDX-License-Identifier: Apache-2.0
#include "app/alarms.h"

#include <algorithm>

#include "judge/verdict/reasons.h"
#include "observe/escape.h"

namespace anechoic::app {

void Alarms::raise(std::string_view reason, const std::string& about, const std::string& text) {
  metrics_.alarms.add(reason);
  const SteadyTime now = clock_.steady();
  {
    const std::scoped_lock lock(mutex_);
    Entry& entry = active_[{std::string(reason), about}];
    raised_.store(active_.size(), std::memory_order_relaxed);
    entry.heard = now;
    entry.lasting = reason == judge::reasons::kSourceDown;
    if (entry.text == text && now - entry.told < std::chrono::minutes(1)) return;
    entry.text = text;
    entry.told = now;
  }
  log_.event(observe::Level::Warning, "alarm", {{"reason", reason}, {"about", about}, {"text", text}});
}

void Alarms::over(std::string_view reason, const std::string& about, const std::string& text) {
  if (raised_.load(std::memory_order_relaxed) == 0) return;
  {
    const std::scoped_lock lock(mutex_);
    if (active_.erase({std::string(reason), about}) == 0) return;
    raised_.store(active_.size(), std::memory_order_relaxed);
  }
  log_.event(observe::Level::Info, "alarm-over", {{"reason", reason}, {"about", about}, {"text", text}});
}

std::size_t Alarms::count(std::string_view reason) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(active_, [reason](const auto& entry) { return entry.first.first == reason; }));
}

std::vector<std::string> Alarms::active() const {
  const SteadyTime now = clock_.steady();
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [key, entry] : active_)
    if (entry.lasting || now - entry.heard < kFresh)
      all.push_back(key.first + ' ' + key.second + ": " + observe::escape(entry.text));
  return all;
}

}  // namespace anechoic::app
