// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/received_mark.h"

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "mail/received.h"
#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::noon;
using anechoic::testing::tag_key;
using anechoic::testing::tag_ring;

const KeyRing& ring() {
  static const KeyRing kRing = tag_ring(tag_key(3, "secret"));
  return kRing;
}

const WallTime kAt{std::chrono::seconds{1'795'327'821}};
constexpr std::string_view kId = "abcdefghijklmaab";

std::string received(bool with_recipient = false, const KeyRing& keys = ring()) {
  Received field;
  field.helo = "client.example";
  field.client = *ip::parse_address("192.0.2.1");
  field.client_name = "host.client.example";
  field.by = "mx.example.org";
  field.with = "ESMTPS";
  field.id = kId;
  field.mark = received_mark(keys, kId, kAt);
  if (with_recipient) field.recipient = ForwardPath{{"joe", "example.org"}};
  field.at = kAt + std::chrono::microseconds{999'999};
  return write_received(field);
}

ReceivedMark read(std::string_view header) {
  return find_received_mark(ring(), HeaderBlock::parse_message(header));
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

TEST(ReceivedMark, StandsBehindTheId) {
  const std::string mark = received_mark(ring(), kId, kAt);
  EXPECT_EQ(mark.size(), 29U);
  EXPECT_TRUE(mark.starts_with("mark=3")) << mark;
  EXPECT_EQ(received(),
            "Received: from client.example (host.client.example [192.0.2.1])\r\n"
            "\tby mx.example.org with ESMTPS id abcdefghijklmaab\r\n\t(" +
                mark + ");\r\n\tSun, 22 Nov 2026 06:10:21 +0000\r\n");
  EXPECT_EQ(received(true),
            "Received: from client.example (host.client.example [192.0.2.1])\r\n"
            "\tby mx.example.org with ESMTPS id abcdefghijklmaab\r\n\t(" +
                mark + ") for <joe@example.org>;\r\n\tSun, 22 Nov 2026 06:10:21 +0000\r\n");
}

TEST(ReceivedMark, IsVerified) {
  for (const bool with_recipient : {false, true}) {
    const ReceivedMark found = read(received(with_recipient));
    EXPECT_EQ(found.state, MarkState::Good);
    EXPECT_EQ(found.key, 3U);
    EXPECT_EQ(found.id, kId);
    EXPECT_EQ(found.at, kAt);
  }
  const KeyRing none;
  EXPECT_EQ(received_mark(none, kId, kAt), "");
  EXPECT_EQ(read(received(false, none)).state, MarkState::Absent);
  EXPECT_EQ(read("").state, MarkState::Absent);
}

TEST(ReceivedMark, SurvivesRelaying) {
  const std::string field = received(true);
  std::string lf;
  for (const char c : field) {
    if (c != '\r') lf += c;
  }
  std::string one_line = "Received: " + unfold(field.substr(9));
  const std::string other =
      "Received: from x (y [192.0.2.7]) by z.example with ESMTP id 4ABC (mark=1); " + format_date(kAt) + "\r\n";
  const struct {
    std::string_view what;
    std::string header;
  } cases[] = {
      {"LF", lf},
      {"one line", one_line + "\r\n"},
      {"unfolded before the mark", replaced(field, "\r\n\t(mark", " (mark")},
      {"blanks in the comment", replaced(field, ") for", " ) for")},
      {"under other hops", other + other + field},
      {"GMT", replaced(field, "+0000", "GMT")},
      {"date", replaced(field, "Sun, 22 Nov 2026", "soon")},
      {"+0000 (UTC)", replaced(field, "+0000", "+0000 (UTC)")},
      {"upper-case id", replaced(field, kId, "ABCDEFGHIJKLMAAB")},
  };
  for (const auto& each : cases) {
    const ReceivedMark found = read(each.header);
    EXPECT_EQ(found.state, MarkState::Good) << each.what << "\n" << each.header;
    EXPECT_EQ(found.id, kId) << each.what;
  }
}

TEST(ReceivedMark, FailsForOtherTransactions) {
  const std::string field = received();
  EXPECT_EQ(read(replaced(field, kId, "abcdefghijklmaac")).state, MarkState::Bad);
  EXPECT_EQ(read(replaced(field, "abc", "xabc")).state, MarkState::Bad);
  EXPECT_EQ(read(replaced(field, kId, "")).state, MarkState::Bad);
  EXPECT_EQ(read(replaced(field, "(mark=3", "(mark=4")).state, MarkState::UnknownKey);
  EXPECT_EQ(read(replaced(field, "(mark=3", "(mark=x")).state, MarkState::Bad);
  EXPECT_EQ(read(replaced(field, "(mark=3", "(mark=33")).state, MarkState::Bad);
  // Not closed: no mark at all.
  EXPECT_EQ(read(replaced(field, ");", ";")).state, MarkState::Absent);
}

// A message's own first lines may add to the end of the field that is put before it.
TEST(ReceivedMark, IsNotBrokenByContinuationLines) {
  for (const std::string_view line : {" x", "\tid other; 1 Jan 1990 00:00:00 +0000", " (mark=)",
                                      " (mark=3aaaaaaaaaaaaaaaa)", " (", " )", "  (mark=", " \"", " ;;;"}) {
    const ReceivedMark found = read(received() + std::string(line) + "\r\nFrom: forged@example.org\r\n");
    EXPECT_EQ(found.state, MarkState::Good) << line;
    EXPECT_EQ(found.id, kId);
  }
}

TEST(ReceivedMark, IsNotHiddenByWhatStrangersSay) {
  const std::string decoys = "Received: from (mark=3aaaaaaaaaaaaaaaa) by x.example id abc (mark=); " + format_date(kAt);
  EXPECT_EQ(read(decoys + "\r\n").state, MarkState::Bad);
  EXPECT_EQ(read(decoys + "\r\n" + received()).state, MarkState::Good);
  EXPECT_EQ(read(replaced(received(), "from client.example", "from (mark=3aaaaaaaaaaaaaaaa)")).state, MarkState::Good);
}

TEST(ReceivedMark, EndsWithItsKeyNotByAge) {
  const KeyRing ended = tag_ring(tag_key(3, "secret", kAt - std::chrono::days{50}, kAt - std::chrono::days{2}));
  const KeyRing running = tag_ring(tag_key(3, "secret", kAt - std::chrono::days{50}, kAt + std::chrono::days{2}));
  const HeaderBlock header = HeaderBlock::parse_message("");
  const std::string field = received().substr(9);
  EXPECT_EQ(verify_received_mark(ended, field).state, MarkState::Bad);
  EXPECT_EQ(verify_received_mark(running, field).state, MarkState::Good);
  EXPECT_EQ(find_received_mark(running, header).state, MarkState::Absent);
}

TEST(ReceivedMark, RotatesWithOverlap) {
  const KeyRing keys = tag_ring(tag_key(8, "first", noon(100), noon(205)), tag_key(9, "second", noon(200)));
  for (int day = 100; day < 300; ++day) {
    const std::string value = "from x by y id " + std::string(kId) + " (" + received_mark(keys, kId, noon(day)) +
                              "); " + format_date(noon(day));
    const ReceivedMark found = verify_received_mark(keys, value);
    ASSERT_EQ(found.state, MarkState::Good) << value;
    ASSERT_EQ(found.key, day < 200 ? 8U : 9U);
  }
}

TEST(ReceivedMark, NoChangedOctetIsGood) {
  std::string field = received();
  const auto begin = field.find("id abc") + 3;
  const auto end = field.find(");");
  for (std::size_t i = begin; i < end; ++i) {
    const char old = field[i];
    for (int value = 0; value < 256; ++value) {
      field[i] = static_cast<char>(value);
      // What stands between id and comment may be any white space.
      if (ascii::to_lower(field[i]) != ascii::to_lower(old) && ascii::is_printable(old) && old != ' ')
        EXPECT_NE(read(field).state, MarkState::Good) << field;
    }
    field[i] = old;
  }
  const KeyRing other = tag_ring(tag_key(3, "Secret"));
  EXPECT_EQ(verify_received_mark(other, field.substr(9)).state, MarkState::Bad);
}

}  // namespace
}  // namespace anechoic::mail::tags
