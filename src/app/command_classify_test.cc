// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli.h"

namespace anechoic::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kTestdata = ANECHOIC_SOURCE_DIR "/src/judge/kind/testdata/";

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

Ran classify(std::vector<const char*> words) {
  words.insert(words.begin(), {"anechoic", "classify"});
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_command_line(static_cast<int>(words.size()), words.data(), {out, err});
  return {status, out.str(), err.str()};
}

std::vector<std::string> keys(const nlohmann::ordered_json& object) {
  std::vector<std::string> out;
  for (const auto& item : object.items()) out.push_back(item.key());
  return out;
}

class File {
 public:
  explicit File(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / ("anechoic-classify-" + std::to_string(getpid()))) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

const std::vector<std::string> kKeys{"file", "kind",     "automatic",    "signals",
                                     "dsn",  "original", "phrases_only", "language"};

TEST(CommandClassify, JsonHasEveryKey) {
  const std::string dsn = kTestdata + "dsn/report-failed.eml";
  const std::string plain = kTestdata + "ordinary/plain.eml";
  const Ran ran = classify({"--json", dsn.c_str(), plain.c_str()});
  ASSERT_EQ(ran.status, kFine) << ran.err;
  std::istringstream lines(ran.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto bounce = nlohmann::ordered_json::parse(line);
  EXPECT_EQ(keys(bounce), kKeys);
  EXPECT_EQ(bounce["file"], dsn);
  EXPECT_EQ(bounce["kind"], "dsn");
  EXPECT_EQ(bounce["automatic"], true);
  EXPECT_EQ(keys(bounce["signals"][0]), (std::vector<std::string>{"name", "detail"}));
  EXPECT_EQ(keys(bounce["dsn"]), (std::vector<std::string>{"action", "reporting_mta", "recipients", "dialect"}));
  EXPECT_EQ(bounce["dsn"]["reporting_mta"], "mx.example.org");
  const auto& recipient = bounce["dsn"]["recipients"][0];
  EXPECT_EQ(keys(recipient), (std::vector<std::string>{"final", "original", "action", "status", "reply_code", "reason",
                                                       "hard", "diagnostic", "remote_mta"}));
  EXPECT_EQ(recipient["final"], "bob@example.org");
  EXPECT_EQ(recipient["status"], "5.1.1");
  EXPECT_EQ(recipient["reply_code"], "550");
  EXPECT_EQ(recipient["reason"], "user-unknown");
  EXPECT_EQ(recipient["hard"], true);
  EXPECT_TRUE(recipient["remote_mta"].is_null());
  EXPECT_EQ(bounce["original"]["message_id"], "<1@example.com>");
  EXPECT_EQ(bounce["original"]["from"], "alice@example.com");

  ASSERT_TRUE(std::getline(lines, line));
  const auto ordinary = nlohmann::ordered_json::parse(line);
  EXPECT_EQ(keys(ordinary), kKeys);
  EXPECT_EQ(ordinary["kind"], "ordinary");
  EXPECT_TRUE(ordinary["dsn"]["action"].is_null());
  EXPECT_TRUE(ordinary["dsn"]["recipients"].empty());
  EXPECT_EQ(keys(ordinary["original"]),
            (std::vector<std::string>{"message_id", "from", "envelope_from", "date", "to", "subject"}));
  EXPECT_TRUE(ordinary["original"]["date"].is_null());
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(CommandClassify, TellsPeopleWhatAndWhy) {
  const Ran ran = classify({(kTestdata + "dsn/report-failed.eml").c_str()});
  EXPECT_EQ(ran.status, kFine);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("dsn - a bounce"), HasSubstr("bob@example.org: failed, user-unknown, hard"),
                             HasSubstr("it answers <1@example.com> from alice@example.com"),
                             HasSubstr("because null-sender: <>")));
}

TEST(CommandClassify, EnvelopeMayBeTold) {
  const File file("From: bob@example.org\nIn-Reply-To: <1@example.com>\nSubject: Re: a\n\nb\n");
  EXPECT_THAT(classify({file.path()}).out, HasSubstr(": ordinary"));
  EXPECT_THAT(classify({"--envelope-from", "<>", file.path()}).out, HasSubstr(": auto-reply"));
  EXPECT_THAT(classify({"--envelope-from", "", file.path()}).out, HasSubstr(": auto-reply"));
  EXPECT_THAT(classify({"--envelope-from", "bob@example.org", file.path()}).out, HasSubstr(": ordinary"));
}

TEST(CommandClassify, WhatCannotBeReadIsToldAndTheRestIsJudged) {
  const std::string plain = kTestdata + "ordinary/plain.eml";
  const Ran ran = classify({"/nowhere/at all.eml", kTestdata.c_str(), plain.c_str()});
  EXPECT_EQ(ran.status, kCouldNotRun);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("\"/nowhere/at all.eml\" can't be read: No such file"),
                             HasSubstr("is a folder; `anechoic triage` sorts mailboxes")));
  EXPECT_THAT(ran.out, HasSubstr("plain.eml: ordinary"));
}

TEST(CommandClassify, TextOfStrangersIsHarmless) {
  const File file(
      "Return-Path: <>\nAuto-Submitted: auto-replied \x1b[2J\nFrom: a@b\nIn-Reply-To: <\x1b]0;x@y>\n\n\x1b[31m\n");
  const Ran ran = classify({file.path()});
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(classify({"--json", file.path()}).out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace anechoic::app
