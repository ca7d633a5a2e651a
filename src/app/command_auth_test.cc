// SPDX-License-Identifier: Apache-2.0
// The command against messages and a zone in testdata/auth, and what it says against testdata/auth/NAME.txt (people)
// and NAME.json. To write those anew: ANECHOIC_WRITE_GOLDEN=1 test_app --gtest_filter=CommandAuth.*
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli.h"

namespace anechoic::app {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

const std::string kTestdata = ANECHOIC_SOURCE_DIR "/src/app/testdata/auth/";

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

Ran auth(std::vector<std::string> words) {
  words.insert(words.begin(), {"anechoic", "auth"});
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_command_line(static_cast<int>(argv.size()), argv.data(), {out, err});
  return {status, out.str(), err.str()};
}

// In the zone, on the day that the messages were signed.
Ran auth_there(std::vector<std::string> words) {
  words.insert(words.begin(), {"--zone", kTestdata + "zone", "--at", "2026-11-22T06:20:00Z"});
  return auth(std::move(words));
}

ordered_json auth_json(std::vector<std::string> words) {
  words.insert(words.begin(), "--json");
  const Ran ran = auth_there(std::move(words));
  EXPECT_EQ(ran.status, 0) << ran.err;
  return ordered_json::parse(ran.out);
}

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void expect_golden(const std::string& file, const std::string& text) {
  if (std::getenv("ANECHOIC_WRITE_GOLDEN") != nullptr) std::ofstream(kTestdata + file, std::ios::binary) << text;
  EXPECT_EQ(text, read(kTestdata + file)) << file;
}

struct Golden {
  std::string name;
  std::vector<std::string> words;
};

const Golden kGolden[] = {
    {"signed", {kTestdata + "signed.eml"}},
    {"signed-envelope",
     {"--ip", "192.0.2.1", "--helo", "mx.example.com", "--mail-from", "bounce@example.com", kTestdata + "signed.eml"}},
    {"changed",
     {"--ip", "192.0.2.9", "--helo", "mx.example.net", "--mail-from", "list@mx.example.net",
      kTestdata + "changed.eml"}},
    {"partial", {kTestdata + "partial.eml"}},
    {"stranger", {"--mail-from", "alice@example.com", kTestdata + "stranger.eml"}},
    {"two-froms", {kTestdata + "two-froms.eml"}},
    {"several", {kTestdata + "several.eml"}},
    {"unsigned-unknown",
     {"--ip", "192.0.2.1", "--helo", "mx.example.net", "--mail-from", "x@example.net", kTestdata + "unsigned.eml"}},
    {"spf-fail", {"--ip", "192.0.2.66", "--helo", "evil.example.net", "--mail-from", "alice@example.com"}},
    {"spf-null", {"--ip", "192.0.2.7", "--helo", "mail.example.com", "--mail-from", ""}},
};

TEST(CommandAuth, SaysWhatTheGoldenFilesSay) {
  for (const Golden& one : kGolden) {
    const Ran people = auth_there(one.words);
    EXPECT_EQ(people.status, 0) << one.name << people.err;
    EXPECT_EQ(people.err, "") << one.name;
    expect_golden(one.name + ".txt", people.out);
    expect_golden(one.name + ".json", auth_json(one.words).dump(2) + "\n");
  }
}

TEST(CommandAuth, EveryKeyIsThere) {
  const std::vector<std::string> top = {"spf", "dkim", "dmarc", "arc", "proved", "not_proved", "helo"};
  for (const Golden& one : kGolden) {
    const ordered_json json = auth_json(one.words);
    std::vector<std::string> keys;
    for (const auto& item : json.items()) keys.push_back(item.key());
    EXPECT_EQ(keys, top) << one.name;
    if (!json["dmarc"].is_null()) EXPECT_TRUE(json["dmarc"]["aligned"].contains("spf")) << one.name;
  }
  const ordered_json message = auth_json({kTestdata + "unsigned.eml"});
  EXPECT_TRUE(message["spf"].is_null());
  EXPECT_EQ(message["dkim"], ordered_json::array());
  EXPECT_EQ(message["arc"]["result"], "none");
  const ordered_json alone = auth_json({"--ip", "192.0.2.1", "--mail-from", "alice@example.com"});
  EXPECT_EQ(alone["spf"]["result"], "pass");
  EXPECT_TRUE(alone["spf"]["explanation"].is_null());
  EXPECT_TRUE(alone["dkim"].is_null());
  EXPECT_TRUE(alone["dmarc"].is_null());
  EXPECT_TRUE(alone["arc"].is_null());
  EXPECT_EQ(alone["proved"][0]["address"], "alice@example.com");
}

TEST(CommandAuth, SignaturesAreJudgedAsOfTheTimeGiven) {
  const auto result = [](const std::string& at) {
    const Ran ran = auth({"--json", "--zone", kTestdata + "zone", "--at", at, kTestdata + "signed.eml"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ordered_json::parse(ran.out)["dkim"][0]["result"].get<std::string>();
  };
  EXPECT_EQ(result("1795328400"), "pass");
  EXPECT_NE(result("2020-01-01T00:00:00Z"), "pass") << "signed in the future";
}

class File {
 public:
  explicit File(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / ("anechoic-auth-" + std::to_string(getpid()))) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(CommandAuth, FilesWithCrlfOrAnMboxLineAreTheSame) {
  const std::string text = read(kTestdata + "signed.eml");
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  for (const std::string& form : {crlf, "From alice Sun Nov 22 06:14:00 2026\n" + text}) {
    const File file(form);
    EXPECT_EQ(auth_json({file.path()})["dkim"][0]["result"], "pass");
  }
}

TEST(CommandAuth, WhateverIsAMessageIsJudged) {
  for (const std::string_view text : {"", "\n", "junk", "From: \x1b[31m <a@example.net>\nSubject: \xff\n\n\x1b]0;x\x07",
                                      "From:\n\n", "DKIM-Signature: \x1b[2J\nFrom: a\n\n"}) {
    const File file(text);
    const Ran people = auth_there({file.path()});
    EXPECT_EQ(people.status, 0);
    EXPECT_FALSE(people.out.contains('\x1b')) << people.out;
    EXPECT_EQ(auth_json({file.path()})["proved"].size(), 0U);
  }
}

TEST(CommandAuth, TellsWhatToDo) {
  const auto error = [](std::vector<std::string> words) {
    const Ran ran = auth(std::move(words));
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    return ran.err;
  };
  EXPECT_THAT(error({}), HasSubstr("name a message"));
  EXPECT_THAT(error({"--ip", "192.0.2.1"}), HasSubstr("--mail-from"));
  EXPECT_THAT(error({"--ip", "192.0.2.1", "--mail-from", "<>"}), HasSubstr("--helo"));
  EXPECT_THAT(error({"--ip", "example.com", "--mail-from", "a@b.example"}), HasSubstr("192.0.2.1"));
  EXPECT_THAT(error({"--at", "then", "x.eml"}), HasSubstr("Unix seconds"));
  EXPECT_THAT(error({"--zone", kTestdata + "nothing", "x.eml"}), HasSubstr("can't be read"));
  EXPECT_THAT(error({"--zone", kTestdata + "zone", "/nowhere/x.eml"}), HasSubstr("can't be read"));
  EXPECT_THAT(error({"--zone", kTestdata + "zone", kTestdata}), HasSubstr("is a folder"));
  const File broken("x IN A nonsense\n");
  EXPECT_THAT(error({"--zone", broken.path(), kTestdata + "signed.eml"}), HasSubstr("line 1"));
  const Ran hint = auth_there({"--ip", "192.0.2.1", kTestdata + "signed.eml"});
  EXPECT_EQ(hint.status, 0);
  EXPECT_THAT(hint.err, HasSubstr("--mail-from"));
}

}  // namespace
}  // namespace anechoic::app
