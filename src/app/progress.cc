// SPDX-License-Identifier: Apache-2.0
#include "app/progress.h"

#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "observe/escape.h"

namespace anechoic::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{1};
constexpr milliseconds kBetween{100};
constexpr std::size_t kCells = 30;
constexpr std::size_t kName = 30;

}  // namespace

Progress::Progress(std::ostream& err, bool wanted)
    : err_(err),
      wanted_(wanted && ::isatty(STDERR_FILENO) == 1),
      begin_(SystemClock().steady()),
      next_(begin_ + kPatience) {}

void Progress::show(const std::string& what, std::uint64_t done, std::uint64_t all) {
  if (!wanted_ || (++calls_ % 16 != 0 && what == what_)) return;
  const SteadyTime now = SystemClock().steady();
  if (what != what_) {
    what_ = what;
    begin_ = now;
  }
  if (now < next_ || all == 0) return;
  next_ = now + kBetween;
  done = std::min(done, all);
  const auto cells = static_cast<std::size_t>(done * kCells / all);
  std::string name = observe::escape(what);
  if (name.size() > kName) name = "..." + name.substr(name.size() - kName + 3);
  std::string line = "\r" + name + " [" + std::string(cells, '#') + std::string(kCells - cells, '.') + "] " +
                     std::to_string(done * 100 / all) + " %";
  const auto spent = std::chrono::duration_cast<seconds>(now - begin_).count();
  if (done > 0 && spent > 2)
    line += ", " + std::to_string(static_cast<std::uint64_t>(spent) * (all - done) / done) + " s left";
  err_ << line << "\x1b[K" << std::flush;
  shown_ = true;
}

void Progress::clear() {
  if (shown_) err_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace anechoic::app
