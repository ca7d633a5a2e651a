// SPDX-License-Identifier: Apache-2.0
#include "mail/encoded_word.h"

#include <gtest/gtest.h>

#include <array>

#include "base/utf8.h"
#include "mail/transfer_encoding.h"

namespace anechoic::mail {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view value;
  std::string_view text;
};

TEST(DecodeWords, ReadsThemWhereverTheyStand) {
  for (const Case& c : std::to_array<Case>({
           {"plain", "plain"},
           {" folded\r\n\tsubject ", "folded subject"},
           // RFC 2047 8
           {"=?ISO-8859-1?Q?a?=", "a"},
           {"=?ISO-8859-1?Q?a?= b", "a b"},
           {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
           {"=?ISO-8859-1?Q?a?=\r\n  =?ISO-8859-1?Q?b?=", "ab"},
           {"=?ISO-8859-1?Q?a_b?=", "a b"},
           {"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
           {"=?iso-8859-1?q?gr=FC=DF?=", "grüß"},
           {"=?utf-8?B?Z3LDvMOf?=", "grüß"},
           {"=?utf-8*de?b?Z3LDvMOf?=", "grüß"},
           {"(=?utf-8?Q?a?=)", "(a)"},
           {"x =?utf-8?Q?a?= y", "x a y"},
           // as mailers write them
           {"=?utf-8?B?Z3LD?= =?utf-8?B?vMOf?=", "grüß"},
           {"=?utf-8?Q?gr=C3?= =?utf-8?Q?=BC=C3=9F?=", "grüß"},
           {"=?utf-8?Q?a b?=", "a b"},
           {"Re:=?utf-8?Q?a?=b", "Re:ab"},
           {"\"=?utf-8?Q?a?=\"", "\"a\""},
           {"=?utf-8?B?Z3LD vMOf?=", "grüß"},
           {"=?utf-8?B?eHB0bw?=", "xpto"},
           {"=?utf-8?Q?\?= x", "x"},
           {"=?utf-8?Q?=0D=0ABcc:_x?=", "Bcc: x"},
           {"gr\xFC\xDF", "grüß"},
           {"grüß", "grüß"},
           {"=?no-such?Q?gr=C3=BC=C3=9F?=", "grüß"},
           // no words
           {"=?", "=?"},
           {"=?utf-8?Q?a", "=?utf-8?Q?a"},
           {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
           {"a =? b ?= c", "a =? b ?= c"},
       })) {
    EXPECT_EQ(decode_words(c.value), c.text) << c.value;
  }
}

TEST(DecodeWords, IsBoundedAndValid) {
  std::string hostile;
  for (int i = 0; i < 3000; ++i) hostile += "=?iso-2022-jp?B?GyRCJUYlOQ==?= ";
  for (const std::size_t limit : {0UL, 1UL, 2UL, 100UL, 4096UL}) {
    const std::string text = decode_words(hostile, limit);
    EXPECT_LE(text.size(), limit);
    EXPECT_TRUE(utf8::is_valid(text));
  }
}

TEST(TransferEncoding, Base64) {
  for (const Case& c : std::to_array<Case>({
           {"Zm9v", "foo"},
           {"Zm9vYg==", "foob"},
           {"Zm9vYg", "foob"},
           {"Zm9v\r\nYmFy\r\n", "foobar"},
           {" Z m9 v!*", "foo"},
           {"Zm9vYg==\r\nZm9v\r\n", "foobfoo"},
           {"Zm9vYg==\r\n\r\nA footer of the list.\r\n", "foob"},
           {"====", ""},
           {"", ""},
       })) {
    EXPECT_EQ(decode_base64(c.value, 100), c.text) << c.value;
  }
  EXPECT_EQ(decode_base64("Zm9vYmFy", 4), "foob");
}

TEST(TransferEncoding, QuotedPrintable) {
  for (const Case& c : std::to_array<Case>({
           {"a=3Db", "a=b"},
           {"a=3db", "a=b"},
           {"soft=\r\nline", "softline"},
           {"soft=\nline", "softline"},
           {"soft=  \r\nline", "softline"},
           {"hard\r\nline", "hard\r\nline"},
           {"a=XYb", "a=XYb"},
           {"a=4", "a=4"},
           {"end=", "end"},
           {"=", ""},
       })) {
    EXPECT_EQ(decode_quoted_printable(c.value, 100), c.text) << c.value;
  }
  EXPECT_EQ(decode_quoted_printable("abc=41=42", 4), "abcA");
  EXPECT_EQ(decode_q("a_b=5F=zz", 100), "a b_=zz");
}

TEST(TransferEncoding, Uuencode) {
  EXPECT_EQ(decode_uuencode("text\nbegin 644 a.txt\n#0V%T\n`\nend\n", 100), "Cat");
  EXPECT_EQ(decode_uuencode("begin 644 a\r\n$0V%T<P``\r\n \r\nend", 100), "Cats");
  EXPECT_EQ(decode_uuencode("begin 644 a\n#0V%T\n", 2), "Ca");
  EXPECT_EQ(decode_uuencode("begin 644 a\n~0\n", 100), "");
  EXPECT_EQ(decode_uuencode("no begin\n#0V%T\n", 100), "");
}

}  // namespace
}  // namespace anechoic::mail
