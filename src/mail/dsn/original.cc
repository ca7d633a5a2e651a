// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/original.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "mail/date.h"
#include "mail/dsn/text_tools.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kReturnedBytes = 256 * 1024;
constexpr std::array<std::string_view, 16> kMailFields{
    "received",     "return-path", "from",           "to",           "subject",  "date",   "message-id", "mime-version",
    "content-type", "x-mailer",    "dkim-signature", "delivered-to", "reply-to", "sender", "x-received", "arc-seal"};

bool is_mail_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = ascii::trim(line.substr(0, colon));
  return std::ranges::any_of(kMailFields, [&](std::string_view known) { return ascii::iequals(name, known); });
}

// "Name:" of any header field.
bool is_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && colon < 78 && ascii::is_alpha(line[0]) &&
         std::ranges::all_of(line.substr(0, colon), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

struct Lines {
  std::string_view bytes;
  std::size_t at = 0;

  // The next line with its line end; "" at the end.
  std::string_view next() {
    const std::size_t end = bytes.find('\n', at);
    const std::size_t stop = end == std::string_view::npos ? bytes.size() : end + 1;
    const std::string_view line = bytes.substr(at, stop - at);
    at = stop;
    return line;
  }
};

// Where the header block begins: behind blank lines, rules and words, within the first lines.
std::size_t skip_to_header(std::string_view bytes, std::size_t lines_to_look_at) {
  Lines lines{bytes};
  for (std::size_t i = 0; i < lines_to_look_at && lines.at < bytes.size(); ++i) {
    const std::size_t begin = lines.at;
    const std::string_view line = lines.next();
    if (line.starts_with("From ") || line.starts_with(">From ")) return begin;
    if (is_field(line)) {
      // "Subject: Re: x" inside prose is not yet a header: a second field or a fold must follow.
      const std::string_view second = bytes.substr(lines.at, 200);
      if (is_mail_field(line) || is_field(second)) return begin;
    }
  }
  return std::string_view::npos;
}

// "> Received: ..." as some mailers return it; "" if the text is not quoted so.
std::string unquote(std::string_view bytes) {
  Lines lines{bytes.substr(0, kReturnedBytes)};
  std::string out;
  while (lines.at < lines.bytes.size()) {
    std::string_view line = lines.next();
    if (!line.starts_with('>') && !trim_all(line).empty()) break;
    if (line.starts_with('>')) line.remove_prefix(line.starts_with("> ") ? 2 : 1);
    out += line;
  }
  return out;
}

std::string envelope_sender(const HeaderBlock& header) {
  for (const std::string_view name : {"Return-Path", "X-Envelope-From", "X-Envelope-Sender", "Envelope-From",
                                      "X-Original-Sender", "X-MAIL-FROM", "X-Return-Path"}) {
    const Field* field = header.find(name);
    if (field == nullptr) continue;
    if (std::string address = address_of(field->value.substr(0, 1024)); address.contains('@')) return address;
  }
  // "(envelope-from <a@b>)" of the latest hop.
  for (const Field& field : header.fields()) {
    if (!ascii::iequals(field.name, "Received")) continue;
    const std::string_view value = field.value.substr(0, 2048);
    const std::size_t at = value.find("envelope-from");
    const auto found = at == std::string_view::npos ? std::nullopt : find_address(value, at + 13);
    if (found) return one_line(found->address, kMaxAddress);
  }
  return {};
}

std::string message_id(const HeaderBlock& header) {
  const std::string value = header.value("Message-ID");
  const std::size_t open = value.find('<');
  const std::size_t close = open == std::string::npos ? open : value.find('>', open);
  return one_line(close == std::string::npos ? value : value.substr(open, close - open + 1));
}

void read_original(const HeaderBlock& header, Original& original) {
  original.message_id = message_id(header);
  original.from = one_line(first_address(header.value("From")), kMaxAddress);
  original.envelope_from = envelope_sender(header);
  original.to = one_line(first_address(header.value("To")), kMaxAddress);
  original.subject = one_line(decode_words(header.value("Subject"), kMaxField));
  original.date = parse_date(header.value("Date"));
  original.trace = read_trace(header);
}

}  // namespace

bool is_returned_message(const ContentType& type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes{{{"message", "rfc822"},
                                                                                 {"message", "global"},
                                                                                 {"text", "rfc822-headers"},
                                                                                 {"message", "global-headers"},
                                                                                 {"text", "rfc822-header"},
                                                                                 {"message", "rfc822-headers"},
                                                                                 {"message", "partial"},
                                                                                 {"message", "news"}}};
  return std::ranges::any_of(kTypes, [&](const auto& known) { return type.is(known.first, known.second); });
}

bool take_original(std::string_view bytes, bool owned, Bounce& bounce) {
  const std::size_t begin = skip_to_header(bytes, 12);
  if (begin == std::string_view::npos) {
    const std::string unquoted = bytes.substr(0, 200).contains('>')
                                     ? unquote(trim_all(bytes).empty() ? bytes : bytes.substr(bytes.find('>')))
                                     : std::string();
    return !unquoted.empty() && skip_to_header(unquoted, 12) != std::string::npos &&
           take_original(unquoted, true, bounce);
  }
  bytes.remove_prefix(begin);
  const HeaderBlock header = HeaderBlock::parse(bytes);
  const auto known =
      std::ranges::count_if(header.fields(), [](const Field& field) { return is_mail_field(field.raw); });
  if (known < 2 && !header.has("Message-ID") && !header.has("Received")) return false;
  const Field& last = header.fields().back();
  const std::string_view first = header.fields().front().raw;
  const std::string_view raw(first.data(), static_cast<std::size_t>(last.raw.data() + last.raw.size() - first.data()));
  read_original(header, bounce.original);
  bounce.has_original = true;
  if (owned) {
    bounce.owned_headers = std::string(raw);
    bounce.returned_headers = {};
  } else {
    bounce.returned_headers = raw;
  }
  return true;
}

bool take_original(const Part& part, Bounce& bounce) {
  if (part.encoding == TransferEncoding::Identity) return take_original(part.body, false, bounce);
  return take_original(decode_body(part, kReturnedBytes), true, bounce);
}

bool take_original_from_text(const Part& part, std::size_t line, Bounce& bounce) {
  const bool owned = part.encoding != TransferEncoding::Identity;
  const std::string decoded = owned ? decode_body(part, kReturnedBytes) : std::string();
  Lines lines{owned ? std::string_view(decoded) : part.body};
  if (line != std::string_view::npos) {
    for (std::size_t i = 0; i <= line && lines.at < lines.bytes.size(); ++i) static_cast<void>(lines.next());
    return take_original(lines.bytes.substr(lines.at), owned, bounce);
  }
  for (std::size_t i = 0; i < 400 && lines.at < lines.bytes.size(); ++i) {
    const std::size_t begin = lines.at;
    const std::string_view text = lines.next();
    const std::string_view field = text.starts_with("> ") ? text.substr(2) : text;
    if (ascii::istarts_with(field, "Received: ") || ascii::istarts_with(field, "Return-Path: ") ||
        ascii::istarts_with(field, "Message-ID: ")) {
      return take_original(lines.bytes.substr(begin), owned, bounce);
    }
  }
  return false;
}

}  // namespace anechoic::mail::dsn
