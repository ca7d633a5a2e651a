// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/classify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "judge/kind/signals.h"

namespace anechoic::judge {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

const std::filesystem::path kTestdata = std::filesystem::path(ANECHOIC_SOURCE_DIR) / "src/judge/kind/testdata";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

const Classifier& classifier() {
  static const Classifier one;
  return one;
}

Classification classify(std::string_view bytes, std::optional<std::string> envelope_from = std::nullopt) {
  const mail::Message message = mail::scan_message(bytes);
  return classifier().classify({.message = message, .envelope_from = std::move(envelope_from)});
}

std::vector<std::string> names(const Classification& found) {
  std::vector<std::string> out;
  for (const Signal& signal : found.signals) out.emplace_back(signal.name);
  return out;
}

std::string seen(const Classification& found) {
  std::string out;
  for (const Signal& signal : found.signals) out += "\n  " + std::string(signal.name) + ": " + signal.detail;
  return out;
}

std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kTestdata))
    if (entry.path().extension() == ".eml") out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

TEST(Classify, EveryCaseIsOfItsFoldersKind) {
  ASSERT_GE(cases().size(), 150U);
  for (const auto& path : cases()) {
    const Classification found = classify(read(path));
    EXPECT_EQ(to_string(found.kind), path.parent_path().filename().string()) << path << seen(found);
    EXPECT_EQ(found.automatic, is_automatic(found.kind)) << path;
  }
}

TEST(Classify, LineEndsAndMboxQuotingMakeNoDifference) {
  for (const auto& path : cases()) {
    const std::string bytes = read(path);
    const Kind expected = classify(bytes).kind;
    std::string crlf;
    for (const char c : bytes) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_EQ(classify(crlf).kind, expected) << path;
    if (!bytes.starts_with("From ")) {
      EXPECT_EQ(classify("From a@b Sun Nov 22 06:15:00 2026\n" + bytes).kind, expected) << path;
    }
  }
}

TEST(Classify, SignalsAreOfTheClosedSetAndSmall) {
  std::set<std::string_view> closed;
  for (const SignalInfo& info : all_signals()) closed.insert(info.name);
  for (const auto& path : cases())
    for (const Signal& signal : classify(read(path)).signals) {
      EXPECT_TRUE(closed.contains(signal.name)) << signal.name;
      EXPECT_LE(signal.detail.size(), 200U);
    }
}

TEST(Classify, EverySignalIsShownByACase) {
  std::set<std::string> shown;
  for (const auto& path : cases())
    for (const Signal& signal : classify(read(path)).signals) shown.emplace(signal.name);
  for (const SignalInfo& info : all_signals()) EXPECT_TRUE(shown.contains(std::string(info.name))) << info.name;
}

TEST(Classify, CutAnywhereItStillAnswers) {
  for (const auto& path : cases()) {
    const std::string bytes = read(path);
    for (std::size_t length = 0; length < bytes.size(); length += 97)
      (void)classify(std::string_view(bytes).substr(0, length));
  }
}

struct SignalCase {
  std::string file;
  std::vector<std::string> signals;
};

TEST(Classify, ShowsWhatItWentBy) {
  const SignalCase table[] = {
      {"dsn/report-failed.eml", {"dsn-report", "null-sender", "robot-sender", "auto-submitted", "returned-message"}},
      {"dsn/exim-without-report.eml", {"bounce-header", "null-sender", "phrase-dsn"}},
      {"dsn/with-mbox-separator.eml", {"null-sender", "robot-sender"}},
      {"mdn/report.eml", {"mdn-report"}},
      {"auto-reply/out-of-office-en.eml", {"null-sender", "suppress-header", "answers-message", "phrase-auto-reply"}},
      {"auto-reply/header-x-autoreply.eml", {"auto-reply-header"}},
      {"challenge/earthlink.eml", {"challenge-sender", "phrase-challenge"}},
      {"virus-notice/mailscanner-header-localised.eml", {"virus-header"}},
      {"subscription-confirm/mailman.eml", {"list-admin-header", "list-robot-sender", "phrase-subscription-confirm"}},
      {"list/return-path-says-bounces.eml", {"list-header", "list-software"}},
      {"bulk/newsletter.eml", {"list-unsubscribe", "bulk-header"}},
      {"ordinary/forwards-a-bounce-attached.eml", {"forward-subject", "human-client", "enclosed-report"}},
      {"ordinary/forwards-a-bounce-inline.eml", {"forward-subject", "quoted-text"}},
      {"ordinary/phish-dressed-as-bounce.eml", {"dressed-as-bounce", "links", "phrase-lure"}},
      {"ordinary/phish-dressed-as-bounce-html.eml", {"dressed-as-bounce", "links"}},
      {"ordinary/phish-with-attachment.eml", {"dressed-as-bounce"}},
  };
  for (const SignalCase& one : table) {
    const Classification found = classify(read(kTestdata / one.file));
    EXPECT_THAT(names(found), IsSupersetOf(one.signals)) << one.file << seen(found);
  }
}

TEST(Classify, SaysWhenOnlyWordsSpeak) {
  EXPECT_TRUE(classify(read(kTestdata / "auto-reply/vacation-without-any-header.eml")).phrases_only);
  EXPECT_TRUE(classify(read(kTestdata / "challenge/boxtrapper-without-header.eml")).phrases_only);
  EXPECT_FALSE(classify(read(kTestdata / "auto-reply/out-of-office-en.eml")).phrases_only);
  EXPECT_FALSE(classify(read(kTestdata / "dsn/report-failed.eml")).phrases_only);
  // It names somebody, as a whole bounce that a person copied into his mail does.
  EXPECT_TRUE(classify(read(kTestdata / "dsn/nothing-but-its-text.eml")).phrases_only);
  EXPECT_FALSE(classify(read(kTestdata / "ordinary/plain.eml")).phrases_only);
}

TEST(Classify, NamesTheLanguageOfTheWords) {
  for (const char* language : {"de", "fr", "es", "pl", "ru", "ja", "zh", "ko", "he", "ar", "el", "lv", "tr"}) {
    const Classification found =
        classify(read(kTestdata / ("auto-reply/out-of-office-" + std::string(language) + ".eml")));
    EXPECT_EQ(found.language, language);
  }
}

TEST(Classify, EnvelopeOverridesReturnPath) {
  const std::string text =
      "Return-Path: <>\nFrom: bob@example.org\nIn-Reply-To: <1@example.com>\nSubject: Re: a\n\nb\n";
  EXPECT_EQ(classify(text).kind, Kind::AutoReply);
  EXPECT_EQ(classify(text, "bob@example.org").kind, Kind::Ordinary);
  const std::string bare = "From: bob@example.org\nIn-Reply-To: <1@example.com>\nSubject: Re: a\n\nb\n";
  EXPECT_EQ(classify(bare).kind, Kind::Ordinary);
  EXPECT_EQ(classify(bare, "").kind, Kind::AutoReply);
}

TEST(Classify, AnAnswerNamesWhatItAnswers) {
  const Classification found = classify(read(kTestdata / "auto-reply/header-auto-replied.eml"));
  EXPECT_EQ(found.bounce.original.message_id, "");
  EXPECT_EQ(classify(read(kTestdata / "auto-reply/out-of-office-en.eml")).bounce.original.message_id,
            "<1@example.com>");
}

TEST(Classify, NothingIsOrdinary) {
  for (const std::string_view text : {"", "\n", "\r\n\r\n", ":", "From", "Subject", "\0\0\0"})
    EXPECT_EQ(classify(text).kind, Kind::Ordinary);
}

TEST(Kinds, NamesGoBothWays) {
  for (int i = 0; i <= static_cast<int>(Kind::Ordinary); ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_FALSE(to_string(kind).empty());
    EXPECT_EQ(kind_from(to_string(kind)), kind);
  }
  EXPECT_EQ(kind_from("spam"), std::nullopt);
}

TEST(Signals, TheDocumentHasThemAll) {
  const std::string page = read(std::filesystem::path(ANECHOIC_SOURCE_DIR) / "docs/formats/classify.md");
  for (const SignalInfo& info : all_signals())
    EXPECT_THAT(page, HasSubstr("| `" + std::string(info.name) + "` | " + std::string(info.meaning) + " |"));
}

}  // namespace
}  // namespace anechoic::judge
