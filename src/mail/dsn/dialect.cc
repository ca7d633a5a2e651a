// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/dialect.h"

#include <algorithm>
#include <span>

#include "base/ascii.h"
#include "mail/dsn/dialect_lines.h"
#include "mail/dsn/text_tools.h"
#include "mail/header_address.h"
#include "mail/mime/encoded_word.h"
#include "mail/phrase_match.h"
#include "rules/bounce_dialects.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kRecogniseBytes = 16 * 1024;

// "Name", or "Name: part of its value".
bool has_header(const HeaderBlock& header, std::string_view wanted) {
  const std::size_t colon = wanted.find(':');
  if (colon == std::string_view::npos) return header.has(wanted);
  const std::string_view part = ascii::trim(wanted.substr(colon + 1));
  return std::ranges::any_of(header.fields(), [&](const Field& field) {
    return ascii::iequals(field.name, wanted.substr(0, colon)) &&
           ascii::lower(field.value.substr(0, 1024)).contains(part);
  });
}

bool has_any_header(const HeaderBlock& header, std::span<const std::string_view> wanted) {
  return std::ranges::any_of(wanted, [&](std::string_view name) { return has_header(header, name); });
}

struct HeaderHits {
  PhraseHits from{rules::kPhraseTable};
  PhraseHits subject{rules::kPhraseTable};

  explicit HeaderHits(const HeaderBlock& header) {
    const std::string sender = decode_words(header.value("From"), 512);
    from.look_in(fold(sender.empty() ? header.value("Sender").substr(0, 512) : sender));
    subject.look_in(fold(decode_words(header.value("Subject"), 512)));
  }
};

bool is_null_path(const HeaderBlock& header) {
  const Field* path = header.find("Return-Path");
  if (path == nullptr) return false;
  const std::string_view value = trim_all(path->value);
  return value == "<>" || value.empty();
}

bool fits(const rules::Dialect& dialect, const HeaderBlock& header, const HeaderHits& head, const PhraseHits& text) {
  if (!dialect.from.empty() && !head.from.any(dialect.from)) return false;
  if (!dialect.subject.empty() && !head.subject.any(dialect.subject)) return false;
  if (!dialect.text.empty() && !text.any(dialect.text)) return false;
  if (!dialect.also.empty() && !text.any(dialect.also)) return false;
  return dialect.header.empty() || has_any_header(header, dialect.header);
}

// Ours are quoted strings and numbers inside quoted strings: undo one level, and put each name on a line of its own.
std::string spread_json(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 1 < text.size() && text[i] == '\\') ++i;
    const bool name =
        text[i] == '"' && !out.empty() && (out.ends_with(',') || out.ends_with('{') || out.ends_with('['));
    if (name) out += '\n';
    if (text[i] != '\n' && text[i] != '\r') out += text[i];
  }
  return out;
}

}  // namespace

bool may_be_notice(const HeaderBlock& header) {
  if (is_null_path(header)) return true;
  const Field* from = header.find("From");
  if (from == nullptr || trim_all(from->value).empty() || from->value.contains("<>")) return true;
  const HeaderHits head(header);
  return std::ranges::any_of(rules::kGate, [&](const rules::Gate& gate) {
    return head.from.any(gate.from) || head.subject.any(gate.subject) || has_any_header(header, gate.header);
  });
}

std::optional<DialectReading> read_dialect(const HeaderBlock& header, std::string_view text) {
  const HeaderHits head(header);
  PhraseHits body(rules::kPhraseTable);
  // Phrases may be broken over lines.
  body.look_in(fold(one_line(text.substr(0, kRecogniseBytes), kRecogniseBytes)));
  for (const rules::Dialect& dialect : rules::kDialect) {
    if (!fits(dialect, header, head, body)) continue;
    DialectReading reading;
    reading.name = dialect.name;
    reading.type = dialect.type == ReportType::None ? ReportType::Delivery : dialect.type;
    reading.feedback_type = dialect.feedback_type;
    const bool delayed = body.any(dialect.delayed) || head.subject.any(rules::kCommon[0].delayed_subject) ||
                         (dialect.general && body.any(rules::kCommon[0].delayed));
    reading.action = delayed ? Action::Delayed : dialect.action == Action::Unknown ? Action::Failed : dialect.action;
    if (dialect.reason != Reason::Undefined) reading.reason = dialect.reason;
    reading.otherwise = dialect.otherwise;
    const std::string spread = dialect.json ? spread_json(text) : std::string();
    const std::string own = first_address(header.value("From"));
    read_lines(dialect, dialect.json ? std::string_view(spread) : text, own, reading);
    return reading;
  }
  return std::nullopt;
}

}  // namespace anechoic::mail::dsn
