// SPDX-License-Identifier: Apache-2.0
// How many messages a second are read, and what is found. For bench/classify.
//
//   bench_classify_rate --list FILE --what scan|text|report|classify|gmime [--threads N] [--seconds S]
//   bench_classify_rate --list FILE --what ... --once       each message once: time and how far the process grew
//   bench_classify_rate --list FILE --findings              how many of which kind (and of all: with recipients)
//
// FILE names the messages, one path a line; they are in memory before the clock starts. One JSON object on stdout. Exit
// status: 0 measured, 2 could not.
#include <gmime/gmime.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "judge/kind/classify.h"
#include "mail/dsn/bounce.h"
#include "mail/mime/message.h"

namespace {

using namespace anechoic;

constexpr std::size_t kTextBytes = 8192;  // what the classifier reads of a message

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "bench_classify_rate: %s\n", why.c_str());
  std::exit(2);
}

std::size_t gmime_parse(std::string_view bytes) {
  GMimeStream* const stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
  GMimeParser* const parser = g_mime_parser_new_with_stream(stream);
  g_mime_parser_set_format(parser, bytes.starts_with("From ") ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
  GMimeMessage* const message = g_mime_parser_construct_message(parser, nullptr);
  const std::size_t seen = message == nullptr ? 0 : 1;
  if (message != nullptr) g_object_unref(message);
  g_object_unref(parser);
  g_object_unref(stream);
  return seen;
}

// A reader for one thread.
using Read = std::function<std::size_t(std::string_view)>;
Read reader(std::string_view what) {
  if (what == "gmime") return gmime_parse;
  if (what == "scan") return [](std::string_view bytes) { return mail::scan_message(bytes).parts.size(); };
  if (what == "text") {
    return [](std::string_view bytes) { return mail::readable_text(mail::scan_message(bytes), kTextBytes).size(); };
  }
  if (what == "report") {
    return [](std::string_view bytes) { return mail::dsn::read_report(mail::scan_message(bytes)).recipients.size(); };
  }
  if (what == "classify") {
    auto classifier = std::make_shared<judge::Classifier>();
    return [classifier](std::string_view bytes) {
      const mail::Message message = mail::scan_message(bytes);
      return classifier->classify({message, std::nullopt}).signals.size();
    };
  }
  stop("there is no --what " + std::string(what));
}

double seconds_of(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Options {
  std::string list;
  std::string what = "scan";
  unsigned threads = 1;
  double seconds = 1;
  bool once = false;
  bool findings = false;
};

Options options_from(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--once" || word == "--findings") {
      (word == "--once" ? options.once : options.findings) = true;
      continue;
    }
    if (i + 1 == argc) stop(std::string(word) + " wants a value");
    const char* const value = argv[++i];
    if (word == "--list") {
      options.list = value;
    } else if (word == "--what") {
      options.what = value;
    } else if (word == "--threads") {
      options.threads = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
    } else if (word == "--seconds") {
      options.seconds = std::strtod(value, nullptr);
    } else {
      stop("there is no option " + std::string(word));
    }
  }
  return options;
}

std::vector<std::string> load(const std::string& list) {
  std::vector<std::string> messages;
  std::ifstream names(list);
  for (std::string name; std::getline(names, name);) {
    std::ifstream in(name, std::ios::binary);
    messages.emplace_back((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }
  if (messages.empty()) stop("no messages in " + list);
  return messages;
}

void measure_once(const std::vector<std::string>& messages, const Options& options) {
  const Read read = reader(options.what);
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  std::size_t seen = 0;
  for (const std::string& message : messages) seen += read(message);
  const double took = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start;
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  std::printf("{\"messages\": %zu, \"cpu_seconds\": %.6f, \"grew_kib\": %ld, \"seen\": %zu}\n", messages.size(), took,
              after.ru_maxrss - before.ru_maxrss, seen);
}

void measure_rate(const std::vector<std::string>& messages, const Options& options) {
  std::size_t octets = 0;
  for (const std::string& message : messages) octets += message.size();
  std::atomic<unsigned> ready{0};
  std::atomic<bool> begun{false};
  std::atomic<bool> done{false};
  std::atomic<std::size_t> count{0};
  std::atomic<double> cpu{0};
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < options.threads; ++t) {
    threads.emplace_back([&, t] {
      const Read read = reader(options.what);
      std::size_t mine = 0;
      std::size_t at = messages.size() * t / options.threads;
      for (std::size_t i = 0; i < messages.size(); ++i) (void)read(messages[i]);  // to warm up
      ++ready;
      while (!begun) std::this_thread::yield();
      const double start = seconds_of(CLOCK_THREAD_CPUTIME_ID);
      while (!done) {
        (void)read(messages[at]);
        at = at + 1 == messages.size() ? 0 : at + 1;
        ++mine;
      }
      count += mine;
      cpu += seconds_of(CLOCK_THREAD_CPUTIME_ID) - start;
    });
  }
  while (ready != options.threads) std::this_thread::yield();
  const double start = seconds_of(CLOCK_MONOTONIC);
  begun = true;
  std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
  done = true;
  threads.clear();
  const double took = seconds_of(CLOCK_MONOTONIC) - start;
  const auto messages_read = static_cast<double>(count.load());
  std::printf(
      "{\"what\": \"%s\", \"threads\": %u, \"per_second\": %.0f, \"per_second_core\": %.0f, \"octets_each\": %zu}\n",
      options.what.c_str(), options.threads, messages_read / took, messages_read / cpu.load(),
      octets / messages.size());
}

void count_findings(const std::vector<std::string>& messages) {
  const judge::Classifier classifier;
  std::map<std::string, std::size_t> kinds;
  std::size_t with_recipients = 0;
  for (const std::string& bytes : messages) {
    const mail::Message message = mail::scan_message(bytes);
    const judge::Classification found = classifier.classify({message, std::nullopt});
    ++kinds[std::string(judge::to_string(found.kind))];
    with_recipients += found.bounce.recipients.empty() ? 0 : 1;
  }
  std::printf("{\"messages\": %zu, \"with_recipients\": %zu, \"kinds\": {", messages.size(), with_recipients);
  const char* comma = "";
  for (const auto& [kind, count] : kinds) {
    std::printf("%s\"%s\": %zu", comma, kind.c_str(), count);
    comma = ", ";
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  g_mime_init();
  const Options options = options_from(argc, argv);
  const std::vector<std::string> messages = load(options.list);
  if (options.findings) {
    count_findings(messages);
  } else if (options.once) {
    measure_once(messages, options);
  } else {
    measure_rate(messages, options);
  }
  return 0;
}
