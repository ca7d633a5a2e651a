// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/watermark.h"

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::noon;
using anechoic::testing::tag_key;
using anechoic::testing::tag_ring;

constexpr int kToday = 20779;

const KeyRing& ring() {
  static const KeyRing kRing = tag_ring(tag_key(3, "secret"));
  return kRing;
}

const std::string kMessage =
    "From: \"Doe, Joe\" <Joe@Example.com>\r\n"
    "To: alice@example.net\r\n"
    "Date: Sun, 22 Nov 2026 06:10:21 +0000\r\n"
    "Message-ID: <abc.Def@example.com>\r\n"
    "Subject: hello\r\n";

std::string marked(const std::string& message = kMessage, int day = kToday) {
  const auto field = Watermark(ring(), {}).write(HeaderBlock::parse_message(message), noon(day));
  return field.value_or("") + message;
}

WatermarkReading read(const std::string& header, int day = kToday) {
  return Watermark(ring(), {}).verify(HeaderBlock::parse_message(header), noon(day));
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

TEST(Watermark, IsOneShortLine) {
  const auto field = Watermark(ring(), {}).write(HeaderBlock::parse_message(kMessage), noon(kToday));
  ASSERT_TRUE(field);
  EXPECT_TRUE(field->starts_with("Anechoic-Origin: v=1; k=3; t=1795348800; h=fdm; m=")) << *field;
  EXPECT_EQ(field->find("\r\n"), field->size() - 2);
  EXPECT_LE(field->size(), 80U);
}

TEST(Watermark, ProvesWhatLeft) {
  const WatermarkReading reading = read(marked());
  EXPECT_EQ(reading.state, MarkState::Good);
  EXPECT_TRUE(reading.proves_sent());
  EXPECT_EQ(reading.key, 3U);
  EXPECT_EQ(reading.made, noon(kToday));
  EXPECT_EQ(reading.from, "joe@example.com");
  EXPECT_EQ(read(kMessage).state, MarkState::Absent);
  EXPECT_EQ(read("").state, MarkState::Absent);
}

TEST(Watermark, SurvivesWhatMailSystemsDo) {
  const std::string whole = marked();
  std::string lf;
  for (const char c : whole) {
    if (c != '\r') lf += c;
  }
  std::string names = whole;
  for (const char* name : {"Anechoic-Origin", "From", "Date", "Message-ID"})
    names = replaced(names, name, ascii::lower(name));
  std::string upper = whole;
  for (std::size_t i = 0; i < upper.find("\r\n"); ++i) upper[i] = ascii::to_upper(upper[i]);
  const struct {
    std::string_view what;
    std::string header;
  } cases[] = {
      {"LF", lf},
      {"case of names", names},
      {"case of the field", upper},
      {"folded", replaced(whole, "; h=", ";\r\n\th=")},
      {"folded inside", replaced(whole, "h=fdm; m=", "h=fdm;\r\n m\r\n =\r\n ")},
      {"blanks gone", replaced(whole, "; k=", ";k=")},
      {"a semicolon at the end", replaced(whole, "\r\nFrom", ";\r\nFrom")},
      {"folded From", replaced(whole, "\" <", "\"\r\n <")},
      {"recoded name", replaced(whole, "\"Doe, Joe\"", "=?utf-8?Q?Doe=2C_Joe?=")},
      {"no name", replaced(whole, "\"Doe, Joe\" <Joe@Example.com>", "joe@EXAMPLE.com")},
      {"folded date", replaced(whole, "2026 06", "2026\r\n  06")},
      {"GMT", replaced(whole, "+0000", "GMT")},
      {"date with a comment", replaced(whole, "+0000", "+0000 (UTC)")},
      {"another zone", replaced(whole, "06:10:21 +0000", "07:10:21 +0100")},
      {"folded id", replaced(whole, "Message-ID: ", "Message-ID:\r\n ")},
      {"other fields", "Received: from x\r\n" + replaced(whole, "Subject: hello", "Subject: [list] hello")},
      {"order", replaced(whole, "Message-ID: <abc.Def@example.com>\r\n", "") + "Message-ID: <abc.Def@example.com>\r\n"},
      {"a field of theirs before it", "Anechoic-Origin: v=1; k=3; t=1; h=fdm; m=x\r\n" + whole},
      {"a field of theirs behind it", whole + "Anechoic-Origin: junk\r\n"},
  };
  for (const auto& each : cases)
    EXPECT_EQ(read(each.header).state, MarkState::Good) << each.what << "\n" << each.header;
}

TEST(Watermark, FailsForOtherMessages) {
  const std::string whole = marked();
  const struct {
    std::string_view what;
    std::string_view by;
  } cases[] = {
      {"Joe@", "jim@"},
      {"abc.Def", "abc.def"},
      {"06:10:21", "06:10:22"},
      {"v=1", "v=2"},
      {"t=1795348800", "t=1795348801"},
      {"h=fdm", "h=fm"},
      {"h=fdm", "h=mdf"},
      {"k=3", "k=3; x=1"},
      {"v=1; ", ""},
      {"k=3; ", ""},
      {"Message-ID: <", "Message-ID: <x"},
      {"From:", "X-From:"},
      {"t=1795348800", "t=01795348800"},
      {"k=3", "k=03"},
      {"t=1", "t=-1"},
      {"t=1", "t=99999999999999"},
  };
  for (const auto& each : cases)
    EXPECT_EQ(read(replaced(whole, each.what, each.by)).state, MarkState::Bad) << each.what << " -> " << each.by;
  EXPECT_EQ(read(replaced(whole, "k=3", "k=4")).state, MarkState::UnknownKey);
  EXPECT_EQ(read("Anechoic-Origin:\r\n" + kMessage).state, MarkState::Bad);
  EXPECT_EQ(read("Anechoic-Origin: " + std::string(100000, ';') + "\r\n" + kMessage).state, MarkState::Bad);
}

TEST(Watermark, CoversWhatWasThere) {
  // A next hop may add what was missing.
  const std::string no_id = replaced(kMessage, "Message-ID: <abc.Def@example.com>\r\n", "");
  EXPECT_TRUE(marked(no_id).contains("h=fd;"));
  EXPECT_EQ(read(marked(no_id) + "Message-ID: <added@next.example>\r\n").state, MarkState::Good);
  const std::string id_only = "Message-ID: <a@b>\r\nX: y\r\n";
  EXPECT_TRUE(marked(id_only).contains("h=m;"));
  EXPECT_EQ(read(marked(id_only) + "From: added@next.example\r\n").state, MarkState::Good);
  EXPECT_EQ(read(marked(id_only) + "From: added@next.example\r\n").from, "");
  const auto none = Watermark(ring(), {}).write(HeaderBlock::parse_message("From: a@b.example\r\n"), noon(1));
  EXPECT_EQ(none.error(), Unmarked::NothingToCover);
  const KeyRing no_keys;
  EXPECT_EQ(Watermark(no_keys, {}).write(HeaderBlock::parse_message(kMessage), noon(1)).error(), Unmarked::NoKey);
}

TEST(Watermark, TakesOddDatesAsTheyAre) {
  const std::string odd = replaced(kMessage, "Sun, 22 Nov 2026 06:10:21 +0000", "some time  ago");
  EXPECT_EQ(read(replaced(marked(odd), "some time  ago", "some\r\n time ago")).state, MarkState::Good);
  EXPECT_EQ(read(replaced(marked(odd), "some time  ago", "some time since")).state, MarkState::Bad);
}

TEST(Watermark, ExpiresButProves) {
  const std::string whole = marked();
  EXPECT_EQ(read(whole, kToday - 1).state, MarkState::Good);
  EXPECT_EQ(read(whole, kToday + 30).state, MarkState::Good);
  EXPECT_EQ(read(whole, kToday + 31).state, MarkState::Expired);
  EXPECT_TRUE(read(whole, kToday + 3000).proves_sent());
}

TEST(Watermark, RotatesWithOverlapAndBelievesAKeyInItsTermOnly) {
  const KeyRing keys = tag_ring(tag_key(8, "first", noon(100), noon(205)), tag_key(9, "second", noon(200)));
  const Watermark mark(keys, {});
  const HeaderBlock message = HeaderBlock::parse_message(kMessage);
  for (int day = 100; day < 300; ++day) {
    const std::string whole = *mark.write(message, noon(day)) + kMessage;
    const WatermarkReading reading = mark.verify(HeaderBlock::parse_message(whole), noon(day + 30));
    ASSERT_EQ(reading.state, MarkState::Good) << day;
    ASSERT_EQ(reading.key, day < 200 ? 8U : 9U);
  }
  const KeyRing forever = tag_ring(tag_key(8, "first"));
  for (const int day : {98, 207}) {
    const std::string whole = *Watermark(forever, {}).write(message, noon(day)) + kMessage;
    EXPECT_EQ(mark.verify(HeaderBlock::parse_message(whole), noon(day)).state, MarkState::Bad);
  }
}

TEST(Watermark, NoChangedOctetIsGood) {
  std::string whole = marked();
  const auto begin = whole.find(": ") + 2;
  const auto end = whole.find("\r\n");
  for (std::size_t i = begin; i < end; ++i) {
    const char old = whole[i];
    for (int value = 0; value < 256; ++value) {
      whole[i] = static_cast<char>(value);
      // Blanks do not count.
      if (ascii::to_lower(whole[i]) != ascii::to_lower(old) && old != ' ')
        EXPECT_FALSE(read(whole).proves_sent()) << whole.substr(0, end);
    }
    whole[i] = old;
  }
  const KeyRing other = tag_ring(tag_key(3, "secres"));
  EXPECT_EQ(Watermark(other, {}).verify(HeaderBlock::parse_message(whole), noon(kToday)).state, MarkState::Bad);
}

TEST(Watermark, LooksAtABoundedNumberOfFields) {
  std::string whole;
  for (std::size_t i = 0; i < Watermark::kMaxFields; ++i) whole += "Anechoic-Origin: junk\r\n";
  EXPECT_EQ(read(whole + marked()).state, MarkState::Bad);
  EXPECT_EQ(read(whole.substr(0, whole.size() / Watermark::kMaxFields) + marked()).state, MarkState::Good);
}

}  // namespace
}  // namespace anechoic::mail::tags
