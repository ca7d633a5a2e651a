// SPDX-License-Identifier: Apache-2.0
// `anechoic keys` and `anechoic sign`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli.h"
#include "app/message_file.h"
#include "auth/dkim/key_record.h"
#include "testing/dkim_check.h"
#include "testing/temp_dir.h"

namespace anechoic::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

Ran run(const std::vector<std::string>& words) {
  std::vector<const char*> argv{"anechoic"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_command_line(static_cast<int>(argv.size()), argv.data(), {out, err});
  return {status, out.str(), err.str()};
}

struct CommandSign : ::testing::Test {
  anechoic::testing::TempDir folder;
  std::string rsa = folder.path() / "rsa.pem";
  std::string ed = folder.path() / "ed.pem";
  std::string message = folder.path() / "message.eml";

  void write(std::string_view text) const { std::ofstream(message, std::ios::binary) << text; }
  [[nodiscard]] Ran make(const std::string& type, const std::string& file, bool json = true) const {
    std::vector<std::string> words{"keys",   "--domain", "Example.org", "--selector", type.substr(0, 3),
                                   "--type", type,       file};
    if (json) words.emplace_back("--json");
    return run(words);
  }
  [[nodiscard]] std::vector<std::string> signing(std::vector<std::string> more) const {
    std::vector<std::string> words{"sign", "--key", rsa, "--selector", "rsa", "--domain", "example.org"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(message);
    return words;
  }
};

TEST_F(CommandSign, MakesAKeyOnce) {
  const Ran made = make("rsa2048", rsa);
  ASSERT_EQ(made.status, kFine) << made.err;
  const auto object = nlohmann::json::parse(made.out);
  EXPECT_EQ(object["name"], "rsa._domainkey.example.org");
  EXPECT_EQ(object["type"], "rsa");
  EXPECT_EQ(object["bits"], 2048);
  const auto record = auth::dkim::parse_key_record(object["record"].get<std::string>());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, crypto::PrivateKey::read_file(rsa).value().public_bytes());
  struct stat facts{};
  ASSERT_EQ(::stat(rsa.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);

  const Ran again = make("rsa2048", rsa);
  EXPECT_EQ(again.status, kCouldNotRun);
  EXPECT_THAT(again.err, HasSubstr("never overwritten"));
  EXPECT_EQ(again.out, "");

  const Ran shown = run({"keys", "--show", "--json", "--domain", "example.org", "--selector", "rsa", rsa});
  EXPECT_EQ(shown.status, kFine);
  EXPECT_EQ(nlohmann::json::parse(shown.out), object);
}

TEST_F(CommandSign, PrintsAMasterFile) {
  const Ran made = make("rsa2048", rsa, false);
  ASSERT_EQ(made.status, kFine) << made.err;
  EXPECT_THAT(made.out, HasSubstr("\nrsa._domainkey.example.org. IN TXT (\n    \"v=DKIM1; k=rsa; p="));
  EXPECT_THAT(made.out, HasSubstr("anechoic sign --key " + rsa + " --domain example.org --selector rsa"));
  std::string joined;
  std::istringstream lines(made.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("    \"")) {
      const std::size_t end = line.find('"', 5);
      EXPECT_LE(end - 5, 255U);
      joined += line.substr(5, end - 5);
    } else {
      EXPECT_TRUE(line.starts_with(";") || line.starts_with("rsa._domainkey")) << line;
    }
  }
  EXPECT_EQ(auth::dkim::parse_key_record(joined).value().key,
            crypto::PrivateKey::read_file(rsa).value().public_bytes());
  const Ran shown = run({"keys", "--show", "--domain", "example.org", "--selector", "rsa", rsa});
  EXPECT_THAT(shown.out, StartsWith("rsa._domainkey.example.org. IN TXT ("));
  EXPECT_THAT(made.out, HasSubstr(shown.out));
}

TEST_F(CommandSign, WhatIsSignedVerifies) {
  const auto rsa_record = nlohmann::json::parse(make("rsa2048", rsa).out);
  const auto ed_record = nlohmann::json::parse(make("ed25519", ed).out);
  anechoic::testing::DkimCheck check;
  check.now = SystemClock().wall();
  for (const auto& record : {rsa_record, ed_record})
    check.resolver.add_txt(record["name"].get<std::string>(), record["record"]);
  for (const std::string end : {"\n", "\r\n"}) {
    const std::string text = "From: ann@example.org" + end + "Subject: x" + end + end + "body " + end + end;
    write(text);
    for (const std::string c : {"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"}) {
      const Ran ran = run(signing({"--canonicalization", c, "--expire", "7d", "--identity", "ann@sub.example.org",
                                   "--key", ed, "--selector", "ed2"}));
      ASSERT_EQ(ran.status, kFine) << ran.err;
      EXPECT_TRUE(ran.out.ends_with(text));
      EXPECT_EQ(ran.out.contains('\r'), end == "\r\n");
      const auto outcomes = check.verify(with_mail_line_ends(ran.out));
      ASSERT_EQ(outcomes.size(), 2U);
      for (const auto& outcome : outcomes) {
        EXPECT_EQ(outcome.result, auth::dkim::Result::Pass) << outcome.reason;
        EXPECT_EQ(outcome.identity, "ann@sub.example.org");
      }
    }
  }
}

TEST_F(CommandSign, SaysWhatToDo) {
  ASSERT_EQ(make("rsa2048", rsa).status, kFine);
  write("From: ann@example.org\n\nbody\n");
  struct Case {
    std::vector<std::string> words;
    std::string says;
  };
  const Case cases[] = {
      {signing({"--algorithm", "ed25519-sha256"}), "makes rsa-sha256"},
      {signing({"--algorithm", "rsa-sha1"}), "rsa-sha1"},
      {signing({"--canonicalization", "relaxed"}), "relaxed/relaxed"},
      {signing({"--expire", "soon"}), "--expire"},
      {signing({"--expire", "0s"}), "--expire"},
      {signing({"--identity", "ann@example.net"}), "i="},
      {signing({"--selector", "another"}), "belong together"},
      {{"sign", "--key", rsa, "--selector", "a", "--domain", "example.org", folder.path() / "none"}, "No such file"},
      {{"sign", "--key", rsa, "--selector", "a", "--domain", "example.org", folder.path()}, "is a folder"},
      {{"sign", "--key", folder.path() / "none", "--selector", "a", "--domain", "example.org", message},
       "No such file"},
      {{"sign", "--key", message, "--selector", "a", "--domain", "example.org", message}, "chmod 600"},
      {{"sign", "--key", rsa, "--selector", "a", "--domain", "nonsense domain", message}, "domain"},
      {{"keys", "--domain", "org", "--selector", "a", ed}, "--domain"},
      {{"keys", "--domain", "example.org", "--selector", "a b", ed}, "--selector"},
      {{"keys", "--domain", "example.org", "--selector", "a", "--type", "rsa512", ed}, "rsa2048"},
      {{"keys", "--domain", "example.org", "--selector", "a", folder.path() / "no/folder"}, "No such file"},
      {{"keys", "--show", "--domain", "example.org", "--selector", "a", message}, "chmod 600"},
  };
  for (const Case& c : cases) {
    const Ran ran = run(c.words);
    EXPECT_EQ(ran.status, kCouldNotRun) << ran.out;
    EXPECT_THAT(ran.err, HasSubstr(c.says));
    EXPECT_EQ(ran.out, "");
  }
  write("To: bob@example.net\n\nbody\n");
  EXPECT_THAT(run(signing({})).err, HasSubstr("no From"));
}

TEST(MessageFile, LineEndsBecomeThoseOfMail) {
  EXPECT_EQ(with_mail_line_ends("a\nb\r\nc\n\nd"), "a\r\nb\r\nc\r\n\r\nd");
  EXPECT_EQ(with_mail_line_ends("\n"), "\r\n");
  EXPECT_EQ(with_mail_line_ends("a\r\n\r\n"), "a\r\n\r\n");
  EXPECT_EQ(with_mail_line_ends("a\rb\r\r\n"), "a\rb\r\r\n");
  EXPECT_EQ(with_mail_line_ends(""), "");
}

}  // namespace
}  // namespace anechoic::app
