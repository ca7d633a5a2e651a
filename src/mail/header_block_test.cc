// SPDX-License-Identifier: Apache-2.0
#include "mail/header_block.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/limits.h"

namespace anechoic::mail {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// "name=value|name=value" and what is left as body.
std::string shown(const HeaderBlock& block, std::string_view bytes) {
  std::string out;
  for (const Field& field : block.fields()) {
    out += std::string(field.name) + "=" + unfold(field.value) + "|";
  }
  return out + ">" + std::string(bytes.substr(block.body_offset()));
}

struct Case {
  std::string_view bytes;
  std::string_view shown;
};

TEST(HeaderBlock, ReadsFieldsAsTheyAreWritten) {
  for (const Case& c : std::to_array<Case>({
           {"A: 1\r\nB: 2\r\n\r\nbody", "A=1|B=2|>body"},
           {"A: 1\nB: 2\n\nbody", "A=1|B=2|>body"},
           {"A: 1\r\nB: 2\n\r\nbody\n", "A=1|B=2|>body\n"},
           {"A: 1\r\n\t2\r\n  3\r\nB:\r\n\r\n", "A=1 2 3|B=|>"},
           {"A : 1\nB\t: 2\n\n", "A=1|B=2|>"},
           {"A:\n 1\n\n", "A=1|>"},
           {"A: 1", "A=1|>"},
           {"A: 1\n", "A=1|>"},
           {"\nA: 1\n", ">A: 1\n"},
           {"", ">"},
           {"\r\n", ">"},
           {"From a@b Mon Nov 22 2026\nA: 1\n\nx", "A=1|>x"},
           {">From a@b\n>From c@d\nA: 1\n\nx", "A=1|>x"},
           {"From : a@b\n\n", "From=a@b|>"},
           {"A: 1\nFrom the beginning\n", "A=1|>From the beginning\n"},
           {"A: 1\nno field\nB: 2\n\n", "A=1|>no field\nB: 2\n\n"},
           {"A: 1\n--boundary:x\nB: 2\n", "A=1|>--boundary:x\nB: 2\n"},
           {" folded\nA: 1\n\n", "> folded\nA: 1\n\n"},
           {"A: 1\n \nB: 2\n\nx", "A=1|B=2|>x"},
           {"A\0B: 1\n\n"sv, ">A\0B: 1\n\n"sv},
           {"A: \0\xFF\n\n"sv, "A=\0\xFF|>"sv},
           {"h=From:Date: 1\n\n", ">h=From:Date: 1\n\n"},
           {"(a): 1\n\n", ">(a): 1\n\n"},
           {"X-A.b_c+d/e: 1\n\n", "X-A.b_c+d/e=1|>"},
           {": 1\n\n", ">: 1\n\n"},
       })) {
    EXPECT_EQ(shown(HeaderBlock::parse(c.bytes), c.bytes), c.shown) << c.bytes;
  }
}

TEST(HeaderBlock, JoinsWhatMailersTore) {
  for (const Case& c : std::to_array<Case>({
           // Continuations without their blank.
           {"Received: from a\n(b) by c;\nMon\nSubject: x\n\nbody", "Received=from a (b) by c; Mon|Subject=x|>body"},
           {"DKIM-Signature: v=1;\nh=From:Date;\nb=x\nFrom: a\n\n", "DKIM-Signature=v=1; h=From:Date; b=x|From=a|>"},
           {"Content-Type: multipart/mixed;\nboundary=\"b\"\nX-B: 1\nFrom: a\n\nbody",
            "Content-Type=multipart/mixed; boundary=\"b\"|X-B=1|From=a|>body"},
           {"X-Token:\nabcdef\n\nFrom: a\n\nbody", "X-Token=abcdef|From=a|>body"},
           // Text is not joined: nothing follows it that a header has, or the header has it already.
           {"Subject: x\nYour message\n\nbody", "Subject=x|>Your message\n\nbody"},
           {"Subject: x\nYour message\nSubject: y\n\n", "Subject=x|>Your message\nSubject: y\n\n"},
           {"Subject: x\nYour message\n--b\nTo: y\n\n", "Subject=x|>Your message\n--b\nTo: y\n\n"},
           {"Subject: x\ntext\ntext: and more\n\n", "Subject=x|>text\ntext: and more\n\n"},
           // A header in two.
           {"Return-Path: <>\n\nReceived: by a\nFrom: b\n\nTo: text", "Return-Path=<>|Received=by a|From=b|>To: text"},
           {"X-A: 1\n\nHello: world\n", "X-A=1|>Hello: world\n"},
           {"From: a\n\nTo: text\n", "From=a|>To: text\n"},
           // Junk before it.
           {"1;SLX;27\nX-B: 1\nFrom: a\n\nbody", "X-B=1|From=a|>body"},
           {"just\ntext\n\nFrom: a\n", ">just\ntext\n\nFrom: a\n"},
       })) {
    EXPECT_EQ(shown(HeaderBlock::parse_message(c.bytes), c.bytes), c.shown) << c.bytes;
  }
  const std::string_view part = "Content-Type: text/plain\n\nReceived: quoted\n\n";
  EXPECT_EQ(shown(HeaderBlock::parse(part), part), "Content-Type=text/plain|>Received: quoted\n\n");
}

TEST(HeaderBlock, RawFieldsAreTheBytes) {
  const std::string_view bytes = "A : 1\r\n\t2\r\nB: 3\n\nbody";
  const HeaderBlock block = HeaderBlock::parse(bytes);
  ASSERT_EQ(block.fields().size(), 2U);
  EXPECT_EQ(block.fields()[0].raw, "A : 1\r\n\t2\r\n");
  EXPECT_EQ(block.fields()[0].value, " 1\r\n\t2");
  EXPECT_EQ(block.fields()[1].raw, "B: 3\n");
  EXPECT_EQ(block.fields()[1].value, " 3");
}

TEST(HeaderBlock, FindsInAnyCaseTheFirst) {
  const HeaderBlock block = HeaderBlock::parse("Subject: a\nSUBJECT: b\nTo:\t c \n\n");
  EXPECT_EQ(block.value("sUbJeCt"), "a");
  EXPECT_EQ(block.value("to"), "c");
  EXPECT_EQ(block.value("cc"), "");
  EXPECT_TRUE(block.has("TO"));
  EXPECT_FALSE(block.has("T"));
}

TEST(HeaderBlock, IsBounded) {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "A:\n";
  const HeaderBlock fields = HeaderBlock::parse(many);
  EXPECT_EQ(fields.fields().size(), HeaderBlock::kMaxFields);
  EXPECT_TRUE(fields.truncated());
  EXPECT_EQ(fields.body_offset(), 3 * HeaderBlock::kMaxFields);

  const std::string longest = "A: " + std::string(2 * limits::kHeaderBytes, 'x') + "\n\n";
  const HeaderBlock cut = HeaderBlock::parse(longest);
  EXPECT_TRUE(cut.truncated());
  EXPECT_EQ(cut.body_offset(), limits::kHeaderBytes);
  EXPECT_FALSE(HeaderBlock::parse("A: 1\n\n" + std::string(2 * limits::kHeaderBytes, 'x')).truncated());
}

TEST(HeaderBlock, UnfoldsAndDropsComments) {
  EXPECT_EQ(unfold(" a \r\n\t b\n \n c  "), "a b c");
  EXPECT_EQ(unfold("a  b"), "a  b");
  EXPECT_EQ(unfold(" \r\n "), "");
  EXPECT_EQ(without_comments("a (b (c\\) d) e) f"), "a  f");
  EXPECT_EQ(without_comments("\"a (b)\" (c)"), "\"a (b)\"");
  EXPECT_EQ(without_comments("\"a\\\"(b\" (c)d"), "\"a\\\"(b\" d");
  EXPECT_EQ(without_comments("a (never closed"), "a");
  EXPECT_EQ(without_comments("a ) b"), "a ) b");
}

TEST(HeaderBlock, ExactIsAsTheRfcHasIt) {
  constexpr std::string_view kText = "A: 1\r\nX(C): 2\r\n\"q\": 3\r\n-x: 4\r\n b\r\n\r\nbody";
  EXPECT_EQ(HeaderBlock::parse(kText).fields().size(), 1U);
  const HeaderBlock block = HeaderBlock::parse_exact(kText);
  ASSERT_EQ(block.fields().size(), 4U);
  EXPECT_EQ(block.fields()[1].name, "X(C)");
  EXPECT_EQ(block.fields()[3].raw, "-x: 4\r\n b\r\n");
  EXPECT_EQ(kText.substr(block.body_offset()), "body");
  for (const std::string_view line : {"no colon", ": no name", "two words: x", "\xC3\xA4: x", "\x0B: x"}) {
    const std::string text = "A: 1\r\n" + std::string(line) + "\r\nB: 2\r\n\r\n";
    EXPECT_EQ(HeaderBlock::parse_exact(text).fields().size(), 1U) << line;
    EXPECT_EQ(HeaderBlock::parse_exact(text).body_offset(), 6U) << line;
  }
}

}  // namespace
}  // namespace anechoic::mail
