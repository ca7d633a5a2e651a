// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <utility>

#include "observe/escape.h"
#include "observe/line_writer.h"

namespace anechoic::observe {

namespace {

std::string time_text(WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at - seconds).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), micros);
}

std::string_view cut(std::string_view text) {
  return text.substr(0, Log::kMaxValue);
}

std::string text_line(WallTime at, Level level, std::string_view name, Log::Fields fields) {
  std::string line = fmt::format("{} {} {}", time_text(at), to_string(level), name);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    std::visit(
        [&line](const auto& value) {
          if constexpr (std::same_as<std::decay_t<decltype(value)>, std::string_view>) {
            line += quote_if_needed(cut(value));
          } else {
            line += fmt::format("{}", value);
          }
        },
        field.value);
  }
  return line;
}

std::string json_line(WallTime at, Level level, std::string_view name, Log::Fields fields) {
  nlohmann::ordered_json object;
  object["time"] = time_text(at);
  object["level"] = to_string(level);
  object["event"] = name;
  for (const Field& field : fields) {
    std::visit(
        [&](const auto& value) {
          if constexpr (std::same_as<std::decay_t<decltype(value)>, std::string_view>) {
            object[std::string(field.key)] = cut(value);
          } else {
            object[std::string(field.key)] = value;
          }
        },
        field.value);
  }
  return object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warning:
      return "warning";
    case Level::Error:
      return "error";
  }
  std::unreachable();
}

struct Log::State {
  LogFormat format = LogFormat::Text;
  std::atomic<Level> level = Level::Info;
  const Clock& clock;
  std::function<void(std::string_view)> direct;  // tests and tools
  std::unique_ptr<LineWriter> writer;            // else
};

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}

Log::Log(LogFormat format, Level level, const Clock& clock, std::function<void(std::string_view)> sink)
    : state_(new State{format, level, clock, std::move(sink), {}}) {}

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options, const Clock& clock) {
  auto writer = LineWriter::open(options.file);
  if (!writer) return fail(Errc::Io, fmt::format("log.file can't be opened: {}", writer.error().detail));
  return std::unique_ptr<Log>(
      new Log(std::unique_ptr<State>(new State{options.format, options.level, clock, {}, std::move(*writer)})));
}

bool Log::wants(Level level) const {
  return level >= state_->level.load(std::memory_order_relaxed);
}

void Log::set_level(Level level) {
  state_->level.store(level, std::memory_order_relaxed);
}

void Log::event(Level level, std::string_view name, Fields fields) {
  if (!wants(level)) return;
  const WallTime at = state_->clock.wall();
  const std::string line =
      state_->format == LogFormat::Json ? json_line(at, level, name, fields) : text_line(at, level, name, fields);
  if (state_->direct) {
    state_->direct(line);
  } else {
    state_->writer->write(line);
  }
}

Result<void> Log::reopen() {
  if (!state_->writer) return {};
  const Result<void> done = state_->writer->reopen();
  if (!done) return fail(Errc::Io, fmt::format("the log file can't be opened anew: {}", done.error().detail));
  return {};
}

void Log::flush() {
  if (state_->writer) state_->writer->flush();
}

std::uint64_t Log::dropped() const {
  return state_->writer ? state_->writer->dropped() : 0;
}

}  // namespace anechoic::observe
