// SPDX-License-Identifier: Apache-2.0
// Reads files and truncations of them as the program would, and holds each reading to its bounds: a second of processor
// time, 20 times its size plus 16 MiB of memory. See tests/robust/run.
//
//   robust_sweep [--every OCTETS] FILE...     0 = whole files only; files over 100 KB: 500 even cuts
//
// A file that cannot be read counts as a failure. Prints what broke a bound, then the counts. Exit status: 0 all held,
// 1 some did not.
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "reading.h"
#include "track.h"

namespace {

using namespace anechoic;

constexpr double kSeconds = 1.0;
constexpr unsigned kHangSeconds = 20;  // of the wall clock, for one reading
constexpr std::size_t kMemoryFactor = 20;
constexpr std::size_t kMemoryBase = 16U * 1024U * 1024U;
constexpr std::size_t kBigFile = 100'000;
constexpr std::size_t kBigFileCuts = 500;

// What is read now, for the handler of a crash.
std::array<char, 1024> current{};

extern "C" void on_signal(int number) {
  const std::string_view what = number == SIGALRM ? "HANGS " : "CRASHES ";
  (void)!write(STDOUT_FILENO, what.data(), what.size());
  (void)!write(STDOUT_FILENO, current.data(), std::string_view(current.data()).size());
  (void)!write(STDOUT_FILENO, "\n", 1);
  _exit(1);
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Worst {
  double value = 0;
  std::string where;
  void see(double seen, const char* at) {
    if (seen <= value) return;
    value = seen;
    where = at;
  }
};

struct Sweep {
  reading::Readers readers;
  std::size_t readings = 0;
  std::size_t failures = 0;
  Worst seconds;
  Worst memory;  // octets for each octet of input, above 64 KiB of it

  void one(const std::string& path, std::string_view bytes) {
    std::snprintf(current.data(), current.size(), "%s at %zu", path.c_str(), bytes.size());
    // A copy of the exact size: reading behind the end is then seen by the address sanitizer.
    const std::string copy(bytes);
    alarm(kHangSeconds);
    const double start = cpu_seconds();
    track::begin();
    readers.read(copy);
    const std::size_t peak = track::peak();
    const double took = cpu_seconds() - start;
    alarm(0);
    ++readings;
    seconds.see(took, current.data());
    if (bytes.size() > 65'536)
      memory.see(static_cast<double>(peak) / static_cast<double>(bytes.size()), current.data());
    if (took > kSeconds) fail("took %.2f s: %s", took);
    if (peak > kMemoryFactor * bytes.size() + kMemoryBase) fail("used %.0f octets: %s", static_cast<double>(peak));
  }
  void fail(const char* format, double value) {
    std::printf(format, value, current.data());
    std::printf("\n");
    ++failures;
  }
  void file(const std::string& path, std::size_t every) {
    std::ifstream in(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in && !in.eof()) return fail("cannot read (%.0f): %s", 0);
    one(path, bytes);
    if (every == 0) return;
    const std::size_t step = bytes.size() > kBigFile ? bytes.size() / kBigFileCuts : every;
    for (std::size_t end = 0; end < bytes.size(); end += step) one(path, std::string_view(bytes).substr(0, end));
  }
};

}  // namespace

int main(int argc, char** argv) {
  for (const int number : {SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_signal);
  std::size_t every = 97;
  Sweep sweep;
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--every" && i + 1 < argc) {
      every = std::strtoul(argv[++i], nullptr, 10);
      continue;
    }
    sweep.file(argv[i], every);
    ++files;
  }
  std::printf("%d files, %zu readings, %zu failures\n", files, sweep.readings, sweep.failures);
  std::printf("slowest %.1f ms: %s\n", sweep.seconds.value * 1000, sweep.seconds.where.c_str());
  std::printf("most memory for its size, over 64 KiB, %.1f times: %s\n", sweep.memory.value,
              sweep.memory.where.c_str());
  return sweep.failures == 0 ? 0 : 1;
}
