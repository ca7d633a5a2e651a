// SPDX-License-Identifier: Apache-2.0
#include "mail/mime/message.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace anechoic::mail {
namespace {

using namespace std::string_view_literals;

void show(const Message& message, std::size_t index, std::string& out) {
  const Part& part = message.parts[index];
  if (part.inside_message) out += "*";
  out += part.type.type + "/" + part.type.subtype;
  const auto children = message.children(index);
  if (children.empty()) {
    out += "'" + std::string(part.body) + "'";
    return;
  }
  out += "(";
  for (const std::size_t child : children) {
    if (!out.ends_with('(')) out += ' ';
    show(message, child, out);
  }
  out += ")";
}

// "multipart/mixed(text/plain'body' message/rfc822(*text/plain'inner'))"
std::string shown(std::string_view raw, const ScanOptions& options = {}) {
  const Message message = scan_message(raw, options);
  std::string out = message.truncated ? "truncated " : "";
  show(message, 0, out);
  return out;
}

struct Case {
  std::string_view raw;
  std::string_view tree;
};

TEST(ScanMessage, WellFormed) {
  for (const Case& c : std::to_array<Case>({
           {"Subject: a\r\n\r\nbody\r\n", "text/plain'body\r\n'"},
           {"", "text/plain''"},
           {"Content-Type: text/html\n\n<p>", "text/html'<p>'"},
           {"Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n--b\nContent-Type: "
            "text/html\n\ntwo\n--b--\nepilogue",
            "multipart/mixed(text/plain'one' text/html'two')"},
           {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\n--b--\r\n",
            "multipart/mixed(text/plain'one\r\n')"},
           {"Content-Type: multipart/mixed; boundary=\"b c\"\n\n--b c \n\none\n--b c--\t\n",
            "multipart/mixed(text/plain'one')"},
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; "
            "boundary=b2\n\n--b2\n\none\n"
            "--b2--\n\n--b\n\ntwo\n--b--\n",
            "multipart/mixed(multipart/alternative(text/plain'one') text/plain'two')"},
           {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b--\n",
            "multipart/digest(message/rfc822(*text/plain'one'))"},
           {"Content-Type: message/rfc822\n\nSubject: x\n\none", "message/rfc822(*text/plain'one')"},
           {"Content-Type: message/global\n\nContent-Type: message/rfc822\n\nSubject: x\n\none",
            "message/global(*message/rfc822(*text/plain'one'))"},
           {"Content-Type: multipart/report; boundary=b\n\n--b\n\nwhy\n--b\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns;a\n\nAction: failed\n\n--b\nContent-Type: text/rfc822-headers\n\nSubject: x\n\n--b--\n",
            "multipart/report(text/plain'why' message/delivery-status'Reporting-MTA: dns;a\n\nAction: failed\n' "
            "text/rfc822-headers(*text/plain''))"},
           {"Content-Type: message/partial; id=a\n\nSubject: x\n\n", "message/partial'Subject: x\n\n'"},
           {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoK\n",
            "message/rfc822'U3ViamVjdDogeAoK\n'"},
           {"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: quoted-printable\n\nSubject: =\nx\n",
            "text/rfc822-headers'Subject: =\nx\n'"},
       })) {
    EXPECT_EQ(shown(c.raw), c.tree) << c.raw;
  }
}

TEST(ScanMessage, Broken) {
  for (const Case& c : std::to_array<Case>({
           // no end boundary
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n", "multipart/mixed(text/plain'one\n')"},
           // the outer boundary ends inner parts
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; "
            "boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n",
            "multipart/mixed(multipart/alternative(text/plain'one') text/plain'two')"},
           // it lies in an embedded message whose own boundary never comes
           {"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nContent-Type: "
            "multipart/mixed;\n boundary=c\n\n--c\n\none\n--b--\n",
            "multipart/report(message/rfc822(*multipart/mixed(*text/plain'one')))"},
           // a part without an empty line, without a header, without anything
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\none\n--b\ntwo\n--b\n--b--\n",
            "multipart/mixed(text/html'one' text/plain'two' text/plain'')"},
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b--\n",
            "multipart/mixed(text/html'')"},
           // parts behind the end
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n",
            "multipart/mixed(text/plain'one' text/plain'two\n')"},
           // no boundary, a wrong one, one that nothing is
           {"Content-Type: multipart/mixed\n\n-- \n--x\nContent-Type: text/html\n\none\n--x--\n",
            "multipart/mixed(text/html'one')"},
           {"Content-Type: multipart/mixed; boundary=y\n\n--x\nContent-Type: text/html\n\none\n--x--\n",
            "multipart/mixed(text/html'one')"},
           {"Content-Type: multipart/mixed; boundary=\"\"\n\n--x\none\n", "multipart/mixed'--x\none\n'"},
           {"Content-Type: multipart\n\none\n", "multipart/mixed'one\n'"},
           // what looks like a boundary
           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\n-- \n --b\nx--b\n--b -- \n--b--",
            "multipart/mixed(text/plain'one\n--bb\n-- \n --b\nx--b\n--b -- ')"},
           // encodings that are none
           {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: x\n\none",
            "message/rfc822(*text/plain'one')"},
           {"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\nSubject: x\n\none",
            "message/rfc822(*text/plain'one')"},
           // blank lines and mbox lines before an embedded header
           {"Content-Type: message/rfc822\n\n\n\nSubject: x\n\none", "message/rfc822(*text/plain'one')"},
           {"Content-Type: message/rfc822\n\n>From a@b\nSubject: x\n\none", "message/rfc822(*text/plain'one')"},
           {"\n\nSubject: x\n\none", "text/plain'one'"},
           {"\xEF\xBB\xBFSubject: x\n\none", "text/plain'one'"},
           // mixed line ends, NULs, 8-bit
           {"Content-Type: multipart/mixed; boundary=b\r\n\n--b\n\r\none\r\n--b\r\n\ntwo\n--b--\r\n",
            "multipart/mixed(text/plain'one' text/plain'two')"},
           {"A: \xFF\n\n\0\xFF"sv, "text/plain'\0\xFF'"sv},
           {"S\0u\0b\0:\0\n\0"sv, "text/plain'S\0u\0b\0:\0\n\0'"sv},
       })) {
    EXPECT_EQ(shown(c.raw), c.tree) << c.raw;
  }
}

std::string nested(unsigned levels, std::string_view type) {
  std::string out;
  for (unsigned i = 0; i < levels; ++i) {
    const std::string b = "b" + std::to_string(i) + "x";
    out += "Content-Type: " + std::string(type) + "; boundary=" + b + "\n\n";
    if (type.starts_with("multipart")) out += "--" + b + "\n";
  }
  return out + "\ndeep\n";
}

TEST(ScanMessage, IsBounded) {
  const std::string deep = nested(50, "multipart/mixed");
  const Message depth = scan_message(deep);
  EXPECT_TRUE(depth.truncated);
  EXPECT_EQ(depth.parts.size(), 21U);
  EXPECT_EQ(depth.parts.back().depth, 20U);
  EXPECT_TRUE(depth.parts.back().body.ends_with("deep\n"));

  const std::string chain = nested(9, "message/rfc822");
  const Message messages = scan_message(chain);
  EXPECT_TRUE(messages.truncated);
  EXPECT_EQ(messages.parts.size(), 6U);
  EXPECT_FALSE(scan_message(nested(5, "message/rfc822")).truncated);

  std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 100'000; ++i) many += "--b\n\n";
  const Message parts = scan_message(many);
  EXPECT_TRUE(parts.truncated);
  EXPECT_EQ(parts.parts.size(), 500U);

  EXPECT_EQ(shown("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n", {2, 20, 5}),
            "truncated multipart/mixed(text/plain'one')");
  const std::string longest(2000, 'b');
  EXPECT_EQ(shown("Content-Type: multipart/mixed; boundary=" + longest + "\n\n--" + longest + "\n\none\n"),
            "multipart/mixed'--" + longest + "\n\none\n'");
}

TEST(ScanMessage, SearchesForBoundariesOnlySoLong) {
  // Each part declares a boundary that comes at the very end, so that each search would read the whole message.
  std::string hostile = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 499; ++i)
    hostile += "--b\nContent-Type: multipart/mixed; boundary=last\n\n" + std::string(4000, '-') + "\n";
  hostile += "--last\n";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(scan_message(hostile).parts.size(), 500U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(ContentType, IsReadAsWritten) {
  struct TypeCase {
    std::string_view value;
    std::string_view shown;
  };
  for (const TypeCase& c : std::to_array<TypeCase>({
           {"text/plain; charset=us-ascii", "text/plain charset=us-ascii"},
           {"Text / HTML ; Charset = \"UTF-8\" ; format=flowed", "text/html charset=UTF-8 format=flowed"},
           {"text/plain; charset=us-ascii (Plain text)", "text/plain charset=us-ascii"},
           {"multipart/report; report-type=delivery-status;\r\n\tboundary=\"a;b\\\"c\"",
            "multipart/report report-type=delivery-status boundary=a;b\"c"},
           {"text/plain charset=utf-8 format=flowed", "text/plain charset=utf-8 format=flowed"},
           {"text/plain; charset=utf-8 format=flowed", "text/plain charset=utf-8 format=flowed"},
           {"application/x; name=a b.txt; x=1", "application/x name=a b.txt x=1"},
           {"multipart/mixed; boundary=----=_Part_1.2:3", "multipart/mixed boundary=----=_Part_1.2:3"},
           {"multipart/mixed; boundary=\"never closed", "multipart/mixed boundary=never closed"},
           {"text/plain; charset=a; charset=b", "text/plain charset=a"},
           {"text/plain>; x", "text/plain x="},
           {"text", "text/plain"},
           {"multipart", "multipart/mixed"},
           {"", "text/plain"},
           {";;;=;", "text/plain"},
           // RFC 2231
           {"message/external-body; url*0=\"ftp://\"; url*1=\"cs.utk.edu\"",
            "message/external-body url=ftp://cs.utk.edu"},
           {"application/x; name*=utf-8'de'gr%C3%BC%C3%9F", "application/x name=grüß"},
           {"application/x; name*1*=%BC%C3%9F; name*0*=utf-8''gr%C3", "application/x name=grüß"},
           {"application/x; name*0*=us-ascii'en'a%20; name*1=%41", "application/x name=a %41"},
           {"application/x; name=old; name*=utf-8''new", "application/x name=new"},
           {"application/x; name*=no%charset%4", "application/x name=no%charset%4"},
       })) {
    const ContentType type = parse_content_type(c.value);
    std::string out = type.type + "/" + type.subtype;
    for (const auto& [name, value] : type.parameters) out += " " + name + "=" + value;
    EXPECT_EQ(out, c.shown) << c.value;
  }
}

}  // namespace
}  // namespace anechoic::mail
