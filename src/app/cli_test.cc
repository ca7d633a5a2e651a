// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "judge/verdict/reasons.h"
#include "observe/log.h"
#include "outside/store/sqlite_journal.h"

namespace anechoic::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

Ran run(std::vector<const char*> words) {
  words.insert(words.begin(), "anechoic");
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_command_line(static_cast<int>(words.size()), words.data(), {out, err});
  return {status, out.str(), err.str()};
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("anechoic-cli-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

TEST(CommandLine, EveryCommandHasHelpWithAnExample) {
  for (const char* command :
       {"check", "classify", "config", "explain", "log", "recipients", "reload", "run", "status", "version"}) {
    const Ran ran = run({command, "--help"});
    EXPECT_EQ(ran.status, kFine) << command;
    if (std::string_view(command) != "config") {
      EXPECT_THAT(ran.out, HasSubstr("Example: anechoic " + std::string(command))) << command;
    }
  }
}

TEST(CommandLine, MistakesEndWithTwo) {
  EXPECT_EQ(run({}).status, kCouldNotRun);
  EXPECT_EQ(run({"log", "--limit", "many"}).status, kCouldNotRun);
  EXPECT_EQ(run({"log", "--action", "bounce"}).status, kCouldNotRun);
  const Ran ran = run({"explian", "x"});
  EXPECT_EQ(ran.status, kCouldNotRun);
  EXPECT_THAT(ran.err, HasSubstr("explain"));
}

TEST(CommandLine, PrintsVersionAndExample) {
  EXPECT_THAT(run({"version"}).out, HasSubstr("anechoic 0."));
  const Ran flag = run({"--version"});
  EXPECT_EQ(flag.status, kFine) << flag.err;
  EXPECT_EQ(flag.out, run({"version"}).out);
  EXPECT_THAT(run({"config", "example"}).out, HasSubstr("[domain.\"example.org\"]"));
  EXPECT_THAT(run({"config", "man"}).out, HasSubstr(".TH ANECHOIC.TOML 5"));
}

class JournalCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    const SystemClock clock;
    observe::Log log(observe::LogFormat::Text, observe::Level::Error, clock, [](std::string_view) {});
    store::JournalOptions options;
    options.directory = folder_ / "journal";
    auto journal = store::SqliteJournal::open(options, clock, log);
    ASSERT_TRUE(journal.has_value()) << journal.error().detail;
    for (const char* id : {"aaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaac", "aaaaaaaaaaabaaab"}) {
      inspect::JournalRow row;
      row.id = id;
      row.at = clock.wall();
      row.client = *ip::parse_endpoint("192.0.2.1:25");
      row.reverse_path = "<bob@sender.example>";
      row.recipients = {{"<nobody@example.org>", "550 5.1.1 No", judge::reasons::kUnknownRecipient, false}};
      row.refused = 1;
      row.action = judge::Action::Reject;
      row.reasons = {{judge::reasons::kUnknownRecipient, ""}};
      (*journal)->append(std::move(row));
    }
    (*journal)->flush();
    config_ = folder_.write("anechoic.toml", "hostname = \"mx.example.org\"\nstate_dir = \"" + folder_ / "" +
                                                 "\"\n[backend.main]\nto = \"smtp://127.0.0.1:10025\"\n"
                                                 "[domain.\"example.org\"]\n");
  }
  Folder folder_;
  std::string config_;
};

TEST_F(JournalCommands, ExplainTellsOneDecision) {
  const Ran ran = run({"explain", "-c", config_.c_str(), "aaaaaaaaaaaaaaab"});
  EXPECT_EQ(ran.status, kFine) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("A recipient source says that there is no such address."));
  EXPECT_THAT(ran.out, HasSubstr("Other messages of the same session:\n"));
  EXPECT_THAT(ran.out, HasSubstr(" aaaaaaaaaaaaaaac "));
  EXPECT_THAT(ran.out, Not(HasSubstr("aaaaaaaaaaabaaab")));
  const std::string state = folder_ / "";
  const Ran json = run({"explain", "--state-dir", state.c_str(), "--json", "aaaaaaaaaaabaaab"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["action"], "reject");
}

TEST_F(JournalCommands, ExplainSaysWhenItCannot) {
  EXPECT_EQ(run({"explain", "-c", config_.c_str(), "bbbbbbbbbbbbbbbb"}).status, kFound);
  EXPECT_EQ(run({"explain", "-c", config_.c_str(), "short"}).status, kCouldNotRun);
  EXPECT_EQ(run({"explain", "--state-dir", "/proc/nonsense", "bbbbbbbbbbbbbbbb"}).status, kCouldNotRun);
  const Ran ran = run({"explain", "-c", "/proc/nonsense", "bbbbbbbbbbbbbbbb"});
  EXPECT_EQ(ran.status, kCouldNotRun);
  EXPECT_THAT(ran.err, HasSubstr("--state-dir"));
}

TEST_F(JournalCommands, LogListsAndFilters) {
  const Ran all = run({"log", "-c", config_.c_str()});
  EXPECT_EQ(all.status, kFine) << all.err;
  EXPECT_EQ(std::ranges::count(all.out, '\n'), 3);
  const Ran one = run({"log", "-c", config_.c_str(), "--limit", "1", "--json"});
  EXPECT_EQ(nlohmann::json::parse(one.out)["reverse_path"], "<bob@sender.example>");
  EXPECT_EQ(run({"log", "-c", config_.c_str(), "--sender", "nobody@else"}).out, "");
  EXPECT_EQ(std::ranges::count(run({"log", "-c", config_.c_str(), "--since", "1h", "--client", "192.0.2.0/24",
                                    "--action", "reject", "--reason", "unknown-recipient"})
                                   .out,
                               '\n'),
            3);
  EXPECT_EQ(run({"log", "-c", config_.c_str(), "--until", "1h"}).out, "");
  const Ran misspelt = run({"log", "-c", config_.c_str(), "--reason", "unknown-recipents"});
  EXPECT_EQ(misspelt.status, kFine);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean unknown-recipient?"));
  const Ran wrong = run({"log", "-c", config_.c_str(), "--since", "soon"});
  EXPECT_EQ(wrong.status, kCouldNotRun);
  EXPECT_THAT(wrong.err, HasSubstr("--since"));
}

TEST(CheckCommand, TellsAllThatIsWrongWithAFile) {
  const std::string file = std::string(ANECHOIC_SOURCE_DIR) + "/src/app/config/testdata/unknown_keys.toml";
  const Ran ran = run({"check", "-c", file.c_str()});
  EXPECT_EQ(ran.status, kCouldNotRun);
  EXPECT_GE(std::ranges::count(ran.err, '\n'), 9);
}

}  // namespace
}  // namespace anechoic::app
