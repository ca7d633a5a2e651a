// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/dialect.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "mail/dsn/dialect_lines.h"
#include "mail/dsn/text_tools.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"
#include "mail/phrase_match.h"
#include "rules/bounce_dialects.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kRecogniseBytes = 4 * 1024;

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

// Folded, decoded where it has encoded words.
std::string plain(const HeaderBlock& header, std::string_view name) {
  const Field* field = header.find(name);
  if (field == nullptr) return {};
  const std::string value = unfold(field->value.substr(0, 1024));
  return fold(value.contains("=?") ? decode_words(value, kMaxField) : std::string_view(value).substr(0, kMaxField));
}

bool is_null_path(const HeaderBlock& header) {
  const Field* path = header.find("Return-Path");
  if (path == nullptr) return false;
  const std::string_view value = trim_all(path->value);
  return value == "<>" || value.empty();
}

bool fits(const rules::Dialect& dialect, const HeaderBlock& header, const NoticeHeader& head, const PhraseHits& text) {
  if (!dialect.from.empty() && !head.from.any(dialect.from)) return false;
  if (!dialect.subject.empty() && !head.subject.any(dialect.subject)) return false;
  // The last resort: its words may stand in the subject alone.
  const bool titled = dialect.general && head.subject.any(dialect.text);
  if (!dialect.text.empty() && !titled && !text.any(dialect.text)) return false;
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

NoticeHeader::NoticeHeader(const HeaderBlock& block)
    : header(block), from(rules::kPhraseTable), subject(rules::kPhraseTable) {
  const std::string sender = plain(block, "From");
  from.look_in(sender.empty() ? plain(block, "Sender") : sender);
  const std::string words = plain(block, "Subject");
  subject.look_in(words);
  const auto begins_with_any = [&](std::span<const std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return words.starts_with(prefix); });
  };
  // Robots write "Re:" too, but name no message that they answer.
  const bool answers = block.has("In-Reply-To") || block.has("References");
  is_reply = begins_with_any(rules::kCommon[0].forward) || (answers && begins_with_any(rules::kCommon[0].reply));
}

NoticeHeader::Sign NoticeHeader::sign() const {
  if (is_null_path(header)) return Sign::Strong;
  const Field* field = header.find("From");
  if (field == nullptr || trim_all(field->value).empty() || field->value.contains("<>")) return Sign::Strong;
  Sign found = Sign::None;
  for (const rules::Gate& gate : rules::kGate) {
    const bool named = from.any(gate.from) || has_any_header(header, gate.header);
    const bool titled = subject.any(gate.subject);
    if (!named && !titled) continue;
    if (!gate.weak && (named || !is_reply)) return Sign::Strong;
    found = Sign::Weak;
  }
  return found;
}

std::optional<DialectReading> read_dialect(const NoticeHeader& head, std::string_view text, bool must_name) {
  const HeaderBlock& header = head.header;
  PhraseHits body(rules::kPhraseTable);
  // Phrases may be broken over lines.
  body.look_in(join_blanks(fold(text.substr(0, kRecogniseBytes))));
  const bool strong = head.sign() == NoticeHeader::Sign::Strong;
  // A sentence that many write made a dialect fit that then found nobody: the general patterns may.
  std::optional<DialectReading> unnamed;
  for (const rules::Dialect& dialect : rules::kDialect) {
    if ((dialect.general && !strong) || (unnamed && !dialect.general) || !fits(dialect, header, head, body)) continue;
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
    read_lines(dialect, dialect.json ? std::string_view(spread) : text,
               {.from = first_address(header.value("From")), .to = first_address(header.value("To"))}, reading);
    const bool named = !reading.recipients.empty();
    if (unnamed && !named) continue;
    if (unnamed && unnamed->action == Action::Delayed) reading.action = Action::Delayed;
    const bool needs_none = !must_name || reading.type != ReportType::Delivery || reading.reason;
    if (named || needs_none || dialect.general) return reading;
    unnamed = std::move(reading);
  }
  return unnamed;
}

}  // namespace anechoic::mail::dsn
