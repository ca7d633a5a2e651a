// SPDX-License-Identifier: Apache-2.0
// How often a second one core does a check of sender authentication. For bench/auth.
//
//   bench_auth_rate --what spf-warm|spf-cold|dkim-warm|dkim-cold|body-sha256|body-simple|body-relaxed [--seconds S]
//   bench_auth_rate --what dkim-sample        prints the message of dkim-*, for other programs
//
// One JSON object on stdout. Exit status: 0 measured, 2 could not.
#include "auth_rate.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace {

struct Kind {
  std::string_view name;
  bench::Unit (*make)();
};
constexpr std::array kKinds{
    Kind{"spf-warm", bench::spf_warm},         Kind{"spf-cold", bench::spf_cold},
    Kind{"dkim-warm", bench::dkim_warm},       Kind{"dkim-cold", bench::dkim_cold},
    Kind{"body-sha256", bench::body_sha256},   Kind{"body-simple", bench::body_simple},
    Kind{"body-relaxed", bench::body_relaxed},
};

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "bench_auth_rate: %s\n", why.c_str());
  std::exit(2);
}

double seconds_of(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void measure(std::string_view what, double seconds) {
  for (const Kind& kind : kKinds) {
    if (kind.name != what) continue;
    const bench::Unit unit = kind.make();
    (void)unit();
    const double begun = seconds_of(CLOCK_MONOTONIC);
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    std::size_t count = 0;
    std::size_t octets = 0;
    double took = 0;
    while (took < seconds) {
      // The clock is asked now and then only: it costs as much as a tenth of a check.
      const int times = octets > count * 1'000'000 ? 1 : 16;
      for (int i = 0; i < times; ++i) octets += unit();
      count += static_cast<std::size_t>(times);
      took = seconds_of(CLOCK_MONOTONIC) - begun;
    }
    const double worked = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    std::printf("{\"what\": \"%s\", \"per_second_core\": %.1f, \"octets_per_second_core\": %.0f, \"count\": %zu}\n",
                std::string(what).c_str(), static_cast<double>(count) / worked, static_cast<double>(octets) / worked,
                count);
    return;
  }
  stop("there is no --what " + std::string(what));
}

}  // namespace

int main(int argc, char** argv) {
  std::string what;
  double seconds = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view word = argv[i];
    if (word == "--what") {
      what = argv[i + 1];
    } else if (word == "--seconds") {
      seconds = std::strtod(argv[i + 1], nullptr);
    } else {
      stop("there is no option " + std::string(word));
    }
  }
  if (what == "dkim-sample") {
    const std::string sample = bench::dkim_sample();
    return std::fwrite(sample.data(), 1, sample.size(), stdout) == sample.size() ? 0 : 2;
  }
  measure(what, seconds);
  return 0;
}
