// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/file_helper.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "observe/escape.h"

namespace anechoic::observe {

namespace {

constexpr std::size_t kQueue = 8192;  // events waiting for the writer thread

// A file that can be opened anew under the same name after logrotate has moved it away.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(const std::string& file) { helper_.open(file); }
  void reopen() {
    const std::scoped_lock lock(mutex_);
    helper_.flush();
    helper_.reopen(false);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    helper_.write(line);
    helper_.flush();
  }
  void flush_() override { helper_.flush(); }

 private:
  spdlog::details::file_helper helper_;
};

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
  std::function<void(std::string_view)> direct;        // tests and tools
  std::shared_ptr<FileSink> file;                      // null: stderr
  std::shared_ptr<spdlog::details::thread_pool> pool;  // goes before the file: its end joins the writer
  std::shared_ptr<spdlog::async_logger> logger;
};

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}

Log::Log(LogFormat format, Level level, const Clock& clock, std::function<void(std::string_view)> sink)
    : state_(new State{format, level, clock, std::move(sink), {}, {}, {}}) {}

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options, const Clock& clock) {
  try {
    std::unique_ptr<State> state(new State{options.format, options.level, clock, {}, {}, {}, {}});
    spdlog::sink_ptr sink;
    if (options.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      state->file = std::make_shared<FileSink>(options.file);
      sink = state->file;
    }
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    state->pool = std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
    state->logger = std::make_shared<spdlog::async_logger>("anechoic", sink, state->pool,
                                                           spdlog::async_overflow_policy::overrun_oldest);
    state->logger->set_level(spdlog::level::trace);
    return std::unique_ptr<Log>(new Log(std::move(state)));
  } catch (const std::exception& failure) {
    return fail(Errc::Io, fmt::format("log.file = \"{}\" can't be opened: {}", options.file, failure.what()));
  }
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
    return;
  }
  state_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

Result<void> Log::reopen() {
  if (!state_->file) return {};
  try {
    state_->file->reopen();
    return {};
  } catch (const std::exception& failure) {
    return fail(Errc::Io, fmt::format("the log file can't be opened anew: {}", failure.what()));
  }
}

std::uint64_t Log::dropped() const {
  return state_->pool ? state_->pool->overrun_counter() : 0;
}

}  // namespace anechoic::observe
