// SPDX-License-Identifier: Apache-2.0
// A message's structure: its parts in the order of the text, each with its header block and body as views into the raw
// bytes. Forgiving: what a boundary line starts or ends is a part, whatever else is wrong (missing end boundary, parts
// without an empty line, header blocks torn in two or without their folds). A multipart without its boundary gets the
// one that its text shows, else it is text.
//
// Embedded messages (message/rfc822, message/global, text/rfc822-headers and kin) have one child, the message in them.
// Those that are encoded, as RFC 2046 5.2.1 forbids, are leaves: decode_body() gives bytes that may be scanned again.
// message/partial, message/delivery-status and all other types are leaves as well.
//
// Total and linear: any bytes, LF or CRLF; bounded by ScanOptions and HeaderBlock. What is behind a bound stays a leaf
// and `truncated` is set.   Lifetime: the bytes outlive the Message.   Threads: values.
//                                                              RFC 2045, 2046, 2231; docs/decisions/0006
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail/header_block.h"

namespace anechoic::mail {

struct ContentType {
  std::string type = "text";  // lower case
  std::string subtype = "plain";
  // Names in lower case, values unquoted, RFC 2231 continuations joined and decoded.
  std::vector<std::pair<std::string, std::string>> parameters;

  [[nodiscard]] bool is(std::string_view type_in, std::string_view subtype_in) const {
    return type == type_in && subtype == subtype_in;
  }
  [[nodiscard]] std::string_view parameter(std::string_view name) const;  // "" = not there
};
[[nodiscard]] ContentType parse_content_type(std::string_view value);

enum class TransferEncoding : std::uint8_t { Identity, QuotedPrintable, Base64, Uuencode };

struct Part {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  HeaderBlock header;
  ContentType type;
  bool declared_type = false;  // it had a Content-Type field
  TransferEncoding encoding = TransferEncoding::Identity;
  std::string_view body;        // still encoded; of a multipart or message/*: all of it
  std::size_t parent = kNone;   // index in Message::parts
  unsigned depth = 0;           // 0 = the message itself
  bool inside_message = false;  // lies in an embedded message: not our sender's words
};

struct ScanOptions {
  std::size_t parts = 500;       // the message itself is one
  unsigned depth = 20;           // of a part
  unsigned nested_messages = 5;  // one in the other
};

struct Message {
  std::string_view raw;
  std::vector<Part> parts;  // never empty; parts[0] is the message
  bool truncated = false;

  [[nodiscard]] const HeaderBlock& header() const { return parts.front().header; }
  // The direct children of a part.
  [[nodiscard]] std::vector<std::size_t> children(std::size_t part) const;
};

[[nodiscard]] Message scan_message(std::string_view raw, const ScanOptions& options = {});

// Takes the transfer encoding off; at most `limit` octets of result. Broken encodings give what could be read, and what
// is declared base64 but isn't is given as it is.
[[nodiscard]] std::string decode_body(const Part& part, std::size_t limit);
// The same in UTF-8, line ends as LF, without NULs. Unknown or lying charsets: guessed by validity (UTF-8, else
// windows-1252).
[[nodiscard]] std::string decode_text(const Part& part, std::size_t limit);
// HTML (UTF-8) to words: tags dropped (block ends become line ends), character references decoded, style and script
// skipped.
[[nodiscard]] std::string html_to_text(std::string_view html, std::size_t limit);
// The message's own words: every text part that is not inside_message and no attachment, plain preferred to its HTML
// alternative, joined; at most `limit` octets.
[[nodiscard]] std::string readable_text(const Message& message, std::size_t limit);

}  // namespace anechoic::mail
