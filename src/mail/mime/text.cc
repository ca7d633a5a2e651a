// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "mail/charset.h"
#include "mail/mime/message.h"
#include "mail/transfer_encoding.h"

namespace anechoic::mail {
namespace {

// Of a first line: can it be base64? Mailers that add a footer, or that forget to encode, write words.
bool is_base64_line(std::string_view body) {
  const std::size_t first = body.find_first_not_of("\r\n");
  if (first == std::string_view::npos) return true;
  body.remove_prefix(first);
  const std::string_view line = body.substr(0, std::min<std::size_t>(body.find_first_of("\r\n"), 998));
  return std::ranges::all_of(
             line,
             [](char c) { return ascii::is_alnum(c) || c == '+' || c == '/' || c == '=' || ascii::is_blank(c); }) &&
         !ascii::trim(line).contains(' ');
}

// CRLF and lone CR to LF; NULs are dropped. In place.
void to_lf(std::string& text) {
  if (!text.contains('\r') && !text.contains('\0')) return;
  std::size_t to = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\0') continue;
    if (c == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      c = '\n';
    }
    text[to++] = c;
  }
  text.resize(to);
}

bool is_blank_text(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_attachment(const Part& part) {
  const Field* const field = part.header.find("Content-Disposition");
  if (field == nullptr) return false;
  const std::size_t first = field->value.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && ascii::istarts_with(field->value.substr(first), "attachment");
}

// What of a part a person reads.
enum class Words : std::uint8_t { None, Plain, Html };

Words words_of(const Message& message, std::size_t index) {
  const Part& part = message.parts[index];
  if (part.inside_message || is_attachment(part)) return Words::None;
  if (part.type.type == "multipart") {
    // Nobody found its parts: it is what a reader without MIME would show.
    const bool has_children = index + 1 < message.parts.size() && message.parts[index + 1].parent == index;
    return has_children ? Words::None : Words::Plain;
  }
  if (part.type.type != "text") return Words::None;
  const std::string& subtype = part.type.subtype;
  if (subtype == "html" || subtype == "enriched" || subtype == "richtext") return Words::Html;
  const bool data = subtype == "calendar" || subtype == "css" || subtype == "csv" || subtype == "rfc822-headers" ||
                    subtype == "directory" || subtype == "vcard" || subtype == "x-vcard" || subtype == "xml";
  return data ? Words::None : Words::Plain;
}

std::string words_text(const Part& part, Words words, std::size_t limit) {
  if (words == Words::Plain) return decode_text(part, limit);
  // Markup is longer than its words.
  return html_to_text(decode_text(part, 4 * limit), limit);
}

// The nearest multipart/alternative above, or kNone.
std::size_t alternative_above(const Message& message, std::size_t index) {
  for (std::size_t at = message.parts[index].parent; at != Part::kNone; at = message.parts[at].parent) {
    if (message.parts[at].type.is("multipart", "alternative")) return at;
  }
  return Part::kNone;
}

}  // namespace

std::string decode_body(const Part& part, std::size_t limit) {
  switch (part.encoding) {
    case TransferEncoding::QuotedPrintable:
      return decode_quoted_printable(part.body, limit);
    case TransferEncoding::Base64:
      if (is_base64_line(part.body)) return decode_base64(part.body, limit);
      break;
    case TransferEncoding::Uuencode:
      if (std::string decoded = decode_uuencode(part.body, limit); !decoded.empty()) return decoded;
      break;
    case TransferEncoding::Identity:
      break;
  }
  return std::string(part.body.substr(0, limit));
}

std::string decode_text(const Part& part, std::size_t limit) {
  const std::string_view charset = part.type.parameter("charset");
  const std::size_t octets = octets_for_utf8(charset) * limit;
  std::string text = part.encoding == TransferEncoding::Identity ? to_utf8(part.body.substr(0, octets), charset, limit)
                                                                 : to_utf8(decode_body(part, octets), charset, limit);
  to_lf(text);
  return text;
}

std::string readable_text(const Message& message, std::size_t limit) {
  std::string out;
  std::size_t spoken = Part::kNone;  // the multipart/alternative whose plain text was taken
  for (std::size_t i = 0; i < message.parts.size() && out.size() < limit; ++i) {
    const Words words = words_of(message, i);
    if (words == Words::None) continue;
    const std::size_t alternative = alternative_above(message, i);
    if (words == Words::Html && alternative != Part::kNone && alternative == spoken) continue;
    const std::size_t room = limit - out.size();
    const std::string text = words_text(message.parts[i], words, room);
    if (is_blank_text(text)) continue;
    if (words == Words::Plain) spoken = alternative;
    if (!out.empty() && out.back() != '\n' && out.size() < limit) out += '\n';
    out += utf8::cut(text, limit - out.size());
  }
  return out;
}

}  // namespace anechoic::mail
