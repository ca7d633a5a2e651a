// SPDX-License-Identifier: Apache-2.0
// The program's log: events with a name and key=value fields, as text or JSON, to stderr or a file.
//
//   2026-11-22T06:10:21.123456Z info connect id=abc client=192.0.2.1
//   {"time":"2026-11-22T06:10:21.123456Z","level":"info","event":"connect","id":"abc","client":"192.0.2.1"}
//
// Names and keys are ours (literals); values may hold anything: text output escapes them (escape.h), JSON output
// replaces invalid UTF-8. A value is cut to kMaxValue octets. The log is never waited for: a writer thread takes lines
// from a bounded queue (line_writer.h); when it is full lines are dropped and counted.
//
// Errors: opening a file: Io. Lifetime: made by main(), given by reference; outlives all who have it.
// Threads: event() and reopen() from any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"

namespace anechoic::observe {

enum class Level : std::uint8_t { Debug, Info, Warning, Error };
[[nodiscard]] std::string_view to_string(Level level);

enum class LogFormat : std::uint8_t { Text, Json };

struct LogOptions {
  LogFormat format = LogFormat::Text;
  Level level = Level::Info;  // events below it are not written
  std::string file;           // "" = stderr
};

// One key and its value. The value's text must live until event() returns, and no longer.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  template <typename T>
  Field(std::string_view name, const T& given) : key(name), value(make(given)) {}

  std::string_view key;
  Value value;

 private:
  template <typename T>
  static Value make(const T& given) {
    if constexpr (std::same_as<T, bool>) {
      return given;
    } else if constexpr (std::signed_integral<T>) {
      return static_cast<std::int64_t>(given);
    } else if constexpr (std::unsigned_integral<T>) {
      return static_cast<std::uint64_t>(given);
    } else if constexpr (std::floating_point<T>) {
      return static_cast<double>(given);
    } else {
      return std::string_view(given);
    }
  }
};

class Log {
 public:
  static constexpr std::size_t kMaxValue = 2048;
  using Fields = std::initializer_list<Field>;

  [[nodiscard]] static Result<std::unique_ptr<Log>> open(const LogOptions& options, const Clock& clock);
  // For tests and tools: every line, without its line end, to `sink`, at once and on the caller's thread.
  Log(LogFormat format, Level level, const Clock& clock, std::function<void(std::string_view)> sink);
  ~Log();  // writes what is queued
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void event(Level level, std::string_view name, Fields fields = {});
  [[nodiscard]] bool wants(Level level) const;
  void set_level(Level level);
  // Opens the file anew (it was moved away). On failure the old one is kept.
  [[nodiscard]] Result<void> reopen();
  void flush();  // returns when what was said before is written
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct State;
  explicit Log(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::observe
