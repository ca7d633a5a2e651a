// SPDX-License-Identifier: Apache-2.0
#include "mail/charset.h"

#include <gtest/gtest.h>

#include <array>

#include "base/utf8.h"
#include "mail/charset_name.h"

namespace anechoic::mail {
namespace {

using namespace std::string_view_literals;

TEST(ToUtf8, ReadsEachCharsetByTheNamesOfMail) {
  struct Case {
    std::string_view bytes;
    std::string_view charset;
    std::string_view text;
  };
  for (const Case& c : std::to_array<Case>({
           {"plain", "", "plain"},
           {"plain", "no-such-charset", "plain"},
           {"gr\xFC\xDF", "iso-8859-1", "grüß"},
           {"gr\xFC\xDF", "ISO_8859-1:1987", "grüß"},
           {"gr\xFC\xDF", "latin1", "grüß"},
           {"gr\xFC\xDF", "8859_1", "grüß"},
           {"\x93q\x94 \x80 \x81", "iso-8859-1", "“q” € \xEF\xBF\xBD"},
           {"\x93q\x94", "x-cp1252", "“q”"},
           {"\xA4", "iso-8859-15", "€"},
           {"\xA4", "latin-9", "€"},
           {"\xB1", "iso-8859-2", "ą"},
           {"\xB1", "latin2", "ą"},
           {"\xFD", "windows-1254", "ı"},
           {"\xFD", "iso-8859-9", "ı"},
           {"\xEF\xF0\xE8", "windows-1251", "при"},
           {"\xEF\xF0\xE8", "cp-1251", "при"},
           {"\xD0\xD2\xC9", "KOI8-R", "при"},
           {"\xF9\xEC\xE5\xED", "ISO-8859-8-I", "שלום"},
           {"\xA1\xA1", "tis-620", "กก"},
           {"\x1B$B%F%9%H\x1B(B", "ISO-2022-JP", "テスト"},
           {"\x1B$B-!%F\x1B(B a \x1B$@%9\x1B(J", "iso-2022-jp", "①テ a ス"},
           {"\x1B(I\x43\x3D\x44\x1B(B", "cp50220", "ﾃｽﾄ"},
           {"\x1B$B%F\nb\x1B(B \x1B$X \x1B", "ISO-2022-JP", "テ\nb \x1B$X \x1B"},
           {"~{2bJT~} a~~b ~", "HZ-GB-2312", "测试 a~b ~"},
           {"\x83\x65\x83\x58\x83\x67", "Shift_JIS", "テスト"},
           {"\x83\x65\x83\x58\x83\x67", "x-sjis", "テスト"},
           {"\x87\x40", "windows-31j", "①"},
           {"\xA5\xC6\xA5\xB9\xA5\xC8", "euc-jp", "テスト"},
           {"\xB2\xE2\xCA\xD4", "gb2312", "测试"},
           {"\xB2\xE2\xCA\xD4", "GBK", "测试"},
           {"\xB2\xE2\xCA\xD4", "GB18030", "测试"},
           {"\xB4\xFA\xB8\xD5", "big5", "測試"},
           {"\xC5\xD7\xBD\xBA\xC6\xAE", "ks_c_5601-1987", "테스트"},
           {"\xC5\xD7\xBD\xBA\xC6\xAE", "euc-kr", "테스트"},
           {"\xC5\xD7\xBD\xBA\xC6\xAE", "cp949", "테스트"},
           {"a+AOQ-b", "utf-7", "aäb"},
           {"a+AOQ-b", "unicode-1-1-utf-7", "aäb"},
           {"\x00h\x00i"sv, "utf-16", "hi"},
           {"h\x00i\x00"sv, "utf-16", "hi"},
           {"\xFF\xFEh\x00i\x00"sv, "UTF-16", "hi"},
           {"h\x00i\x00"sv, "utf-16le", "hi"},
           // what can't be true
           {"gr\xFC\xDF", "utf-8", "grüß"},
           {"gr\xFC\xDF", "us-ascii", "grüß"},
           {"gr\xFC\xDF", "unknown-8bit", "grüß"},
           {"gr\xFC\xDF", "", "grüß"},
           {"grüß", "us-ascii", "grüß"},
           {"grüß", "iso-8859-1", "grüß"},
           {"grüß", "windows-1251", "grüß"},
           {"grüß", "x-unknown", "grüß"},
           {"äöü \xFC", "utf-8", "äöü \xEF\xBF\xBD"},
           {"a", "../../etc/passwd", "a"},
       })) {
    EXPECT_EQ(to_utf8(c.bytes, c.charset, 1000), c.text) << c.charset;
  }
}

TEST(ToUtf8, OnlyListedConvertersAreOpened) {
  EXPECT_EQ(find_charset("ISO-2022-CN-EXT").reading, Reading::Guess);
  EXPECT_EQ(find_charset("UTF-16//TRANSLIT").name, "");
  EXPECT_EQ(find_charset("EBCDIC-US").reading, Reading::Guess);
  EXPECT_EQ(find_charset(std::string(1000, 'x')).reading, Reading::Guess);
}

TEST(ToUtf8, NeverCutsACharacterNorPassesItsBound) {
  for (const std::string_view charset : {"utf-8", "iso-8859-1", "koi8-r", "gb18030", "utf-16", "iso-2022-jp", ""}) {
    const std::string bytes(5000, '\xE4');
    for (std::size_t limit = 0; limit < 20; ++limit) {
      const std::string text = to_utf8(bytes, charset, limit);
      EXPECT_LE(text.size(), limit) << charset;
      EXPECT_TRUE(utf8::is_valid(text)) << charset;
    }
  }
  EXPECT_EQ(to_utf8("äöü", "utf-8", 3), "ä");
  EXPECT_EQ(to_utf8("äöü", "utf-8", 4), "äö");
}

}  // namespace
}  // namespace anechoic::mail
