// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "base/utf8.h"
#include "mail/mime/message.h"

namespace anechoic::mail {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view in;
  std::string_view out;
};

TEST(DecodeText, TakesEncodingAndCharsetOff) {
  for (const Case& c : std::to_array<Case>({
           {"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: "
            "quoted-printable\n\ngr=FC=DF=\r\n!\r\n",
            "grüß!\n"},
           {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n\nZ3LDvMOf\nDQo=\n", "grüß\n"},
           {"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n//5oAGkA\n", "hi"},
           {"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#0V%T\n`\nend\n", "Cat"},
           {"Content-Transfer-Encoding: 8bit (really)\n\ngr\xFC\xDF", "grüß"},
           {"Content-Transfer-Encoding: base64\n\nThis is no base64.\n", "This is no base64.\n"},
           {"Content-Transfer-Encoding: x-uuencode\n\nnothing to begin\n", "nothing to begin\n"},
           {"\r\na\r\nb\rc\n\0d"sv, "a\nb\nc\nd"},
           {"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1B$B%F%9%H\x1B(B\r\n", "テスト\n"},
       })) {
    const Message message = scan_message(c.in);
    EXPECT_EQ(decode_text(message.parts[0], 1000), c.out) << c.in;
    for (std::size_t limit = 0; limit < 8; ++limit) {
      const std::string cut = decode_text(message.parts[0], limit);
      EXPECT_LE(cut.size(), limit);
      EXPECT_TRUE(utf8::is_valid(cut));
    }
  }
}

TEST(HtmlToText, GivesTheWordsThatAPersonSees) {
  for (const Case& c : std::to_array<Case>({
           {"<p>one</p><p>two <b>bold</b>\n words</p>", "one\ntwo bold words"},
           {"a<br>b<BR/>c", "a\nb\nc"},
           {"<style>p { color: red }</style><script>if (a < b) {}</script>x", "x"},
           {"<head><title>t</title></head><body>x</body>", "x"},
           {"a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#x27;", "a & b <c> \"d\" 'e'"},
           {"gr&uuml;&szlig; &euro; &hellip;", "grüß € …"},
           {"a&nbsp;&nbsp;b&#160;c", "a b c"},
           {"a &unknown; b & c &amp", "a &unknown; b & c &"},
           {"&#0; &#xD800; &#x110000; &#99999999999;", "\xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD"},
           {"<a title=\"a > b\" href='x>y'>link</a>", "link"},
           {"<a title=\"never closed>text</a>", "text"},
           {"a < b, c > d", "a < b, c > d"},
           {"<!-- <p>hidden</p> -->x<!-- never", "x<!-- never"},
           {"<!DOCTYPE html><?xml version='1.0'?>x", "x"},
           {"<td>a</td><td>b</td><tr><td>c", "a b\nc"},
           {"user un&shy;known", "user unknown"},
           {"<", "<"},
           {"", ""},
           {"  <div>\n\n  <div> x </div></div>  ", "x"},
           {"<script>never closed", ""},
       })) {
    EXPECT_EQ(html_to_text(c.in, 1000), c.out) << c.in;
    for (std::size_t limit = 0; limit < 6; ++limit) EXPECT_LE(html_to_text(c.in, limit).size(), limit);
  }
}

TEST(HtmlToText, TakesLinearTime) {
  for (const std::string_view piece : {"<", "<a", "<!--", "&", "<script", "</", "<a \"", "<a '", "&#1"}) {
    std::string hostile;
    while (hostile.size() < 1'000'000) hostile += piece;
    const auto start = std::chrono::steady_clock::now();
    (void)html_to_text(hostile, hostile.size());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2)) << piece;
  }
}

TEST(ReadableText, IsTheMessagesOwn) {
  for (const Case& c : std::to_array<Case>({
           {"Subject: a\n\nwords\n", "words\n"},
           {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: "
            "text/html\n\n<p>html\n--b--\n",
            "plain"},
           {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: "
            "text/html\n\n<p>html\n--b--\n",
            "html"},
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: "
            "text/html\n\n<p>two\n--b\nContent-Type: text/plain\n"
            "Content-Disposition: attachment\n\nthree\n--b\nContent-Type: message/rfc822\n\nSubject: "
            "x\n\nfour\n--b\nContent-Type: text/rfc822-headers\n\nX: five\n--b--\n",
            "one\ntwo"},
           {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: multipart/related; "
            "boundary=c\n\n--c\nContent-Type: text/html\n\nhtml\n--c--\n--b--\n",
            "plain"},
           {"Content-Type: multipart/mixed; boundary=b\n\nnobody found a part\n", "nobody found a part\n"},
           {"Content-Type: image/png\n\nwords\n", ""},
           {"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n", ""},
       })) {
    EXPECT_EQ(readable_text(scan_message(c.in), 1000), c.out) << c.in;
  }
  const Message two = scan_message("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nföö\n--b\n\nbar\n--b--\n");
  for (std::size_t limit = 0; limit < 12; ++limit) {
    const std::string cut = readable_text(two, limit);
    EXPECT_LE(cut.size(), limit);
    EXPECT_TRUE(utf8::is_valid(cut));
  }
}

}  // namespace
}  // namespace anechoic::mail
