// SPDX-License-Identifier: Apache-2.0
// The example of docs/howto/classify-library.md, compiled and run; a test holds the two together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "judge/kind/classify.h"

namespace {

std::vector<std::string> noted;

void note(std::string_view what, std::string_view of, bool hard) {
  noted.push_back(std::string(what) + ' ' + std::string(of) + (hard ? " hard" : ""));
}

// clang-format off
// begin
// Reads one message; line ends may be CRLF or LF. What the views point to must outlive the Message.
void what_is_it(const anechoic::judge::Classifier& classifier, std::string_view bytes) {
  using namespace anechoic;
  const mail::Message message = mail::scan_message(bytes);
  // The envelope sender, if you know it; without it, Return-Path tells.
  const judge::Classification found = classifier.classify({.message = message, .envelope_from = ""});

  if (found.kind == judge::Kind::Dsn) {
    for (const mail::dsn::Recipient& recipient : found.bounce.recipients)
      note(recipient.final, to_string(recipient.reason), recipient.hard.value_or(false));
    note("answers", found.bounce.original.message_id, false);
  }
  for (const judge::Signal& signal : found.signals) note(signal.name, signal.detail, false);
}
// end
// clang-format on

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

const std::string kRoot = ANECHOIC_SOURCE_DIR;

TEST(LibraryExample, Runs) {
  const anechoic::judge::Classifier classifier;
  noted.clear();
  what_is_it(classifier, read(kRoot + "/src/judge/kind/testdata/dsn/report-failed.eml"));
  EXPECT_THAT(noted, ::testing::IsSupersetOf(
                         {"bob@example.org user-unknown hard", "answers <1@example.com>", "null-sender <>"}));
}

TEST(LibraryExample, IsTheOneOfTheDocument) {
  const std::string source = read(kRoot + "/src/judge/kind/example_test.cc");
  const std::size_t begin = source.find("// begin\n") + 9;
  const std::string example = source.substr(begin, source.find("// end\n") - begin);
  const std::string page = read(kRoot + "/docs/howto/classify-library.md");
  std::string indented;
  for (std::size_t at = 0; at < example.size();) {
    const std::size_t end = example.find('\n', at) + 1;
    const std::string line = example.substr(at, end - at);
    indented += line == "\n" ? line : "    " + line;
    at = end;
  }
  EXPECT_THAT(page, ::testing::HasSubstr(indented));
}

}  // namespace
