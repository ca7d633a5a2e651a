// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/zone_file.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "wire/dns/zone_lexer.h"
#include "wire/dns/zone_rdata.h"

namespace anechoic::dns {

namespace {

using Words = std::span<const ZoneWord>;

constexpr std::size_t kMostString = 255;

Failure wants(std::string_view what) {
  return fail(Errc::Syntax, std::string(what));
}

// A mnemonic, TYPE99 or CLASS1: letters, digits and hyphens behind a letter.
bool is_mnemonic(const ZoneWord& word) {
  return !word.quoted && !word.text.empty() && ascii::is_alpha(word.text.front()) &&
         std::ranges::all_of(word.text, [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

bool is_class(std::string_view text) {
  constexpr std::array<std::string_view, 4> kClasses{"IN", "CH", "HS", "CS"};
  return std::ranges::any_of(kClasses, [&](std::string_view name) { return ascii::iequals(text, name); }) ||
         zone_number(text, "CLASS");
}

bool is_internet(std::string_view text) {
  return ascii::iequals(text, "IN") || zone_number(text, "CLASS") == 1;
}

// Reads entries into a ZoneFile.
class Reader {
 public:
  Result<void> read(const ZoneEntry& entry);
  [[nodiscard]] ZoneFile take() { return std::move(file_); }

 private:
  Result<void> control(const ZoneEntry& entry);
  Result<void> directive(std::string_view text);
  Result<void> record(const ZoneEntry& entry);
  Result<void> header(Words& words, std::optional<std::chrono::seconds>& ttl) const;
  Result<void> typed(std::size_t line, Type type, Words words, std::chrono::seconds ttl);
  void note_long_strings(std::size_t line, Words words);
  void note(std::size_t line, std::string_view text);

  ZoneFile file_;
  Name origin_;
  std::optional<Name> owner_;
  std::optional<std::chrono::seconds> default_ttl_;
  std::chrono::seconds last_ttl_ = std::chrono::hours(1);
};

Result<void> Reader::read(const ZoneEntry& entry) {
  if (!entry.words.empty()) {
    const bool is_control = !entry.words[0].quoted && entry.words[0].text.starts_with('$');
    auto done = is_control ? control(entry) : record(entry);
    if (!done) return fail_at(entry.line, done.error().detail);
  }
  for (const ZoneDirective& said : entry.directives) {
    if (auto done = directive(said.text); !done) return fail_at(said.line, done.error().detail);
  }
  return {};
}

Result<void> Reader::control(const ZoneEntry& entry) {
  const std::string_view what = entry.words[0].text;
  if (ascii::iequals(what, "$INCLUDE")) return wants("$INCLUDE is not followed; put that file's lines here");
  if (ascii::iequals(what, "$ORIGIN")) {
    if (entry.words.size() != 2) return wants("$ORIGIN is followed by one name, e.g. example.org.");
    auto name = parse_zone_name(entry.words[1], origin_);
    if (!name) return Failure(name.error());
    origin_ = std::move(*name);
    return {};
  }
  if (ascii::iequals(what, "$TTL")) {
    const auto ttl = entry.words.size() == 2 ? parse_ttl(entry.words[1].text) : fail(Errc::Syntax, "");
    if (!ttl) return wants("$TTL is followed by one time, e.g. 3600 or 1h");
    default_ttl_ = *ttl;
    return {};
  }
  return wants("there is no such directive; $ORIGIN and $TTL are known");
}

Result<void> Reader::directive(std::string_view text) {
  ZoneLexer lexer(text);
  const auto entry = lexer.next();
  const Words words = entry && *entry ? Words((*entry)->words) : Words();
  const bool timeout = !words.empty() && ascii::iequals(words[0].text, "timeout");
  if (words.size() < 2 || words.size() > 3 || (!timeout && !ascii::iequals(words[0].text, "servfail"))) {
    return wants("behind 'anechoic:' stands timeout or servfail, a name, and perhaps a type");
  }
  const auto name = parse_zone_name(words[1], origin_);
  if (!name) return Failure(name.error());
  std::optional<Type> type;
  if (words.size() == 3) {
    type = parse_zone_type(words[2].text);
    if (!type) return wants("the directive's type is none of A AAAA CNAME MX NS PTR TXT SOA");
  }
  file_.zone.add_failure(*name, timeout ? Zone::Failure::Timeout : Zone::Failure::ServFail, type);
  return {};
}

// Advances `words` behind [TTL] [class], in either order.
Result<void> Reader::header(Words& words, std::optional<std::chrono::seconds>& ttl) const {
  bool classed = false;
  while (!words.empty()) {
    const ZoneWord& word = words.front();
    if (!ttl && !word.quoted && !word.text.empty() && ascii::is_digit(word.text.front())) {
      const auto parsed = parse_ttl(word.text);
      if (!parsed) return Failure(parsed.error());
      ttl = *parsed;
    } else if (!classed && is_mnemonic(word) && is_class(word.text)) {
      if (!is_internet(word.text)) return wants("only records of class IN are read; remove the record");
      classed = true;
    } else {
      return {};
    }
    words = words.subspan(1);
  }
  return {};
}

Result<void> Reader::record(const ZoneEntry& entry) {
  Words words(entry.words);
  if (entry.has_owner) {
    auto name = parse_zone_name(words.front(), origin_);
    if (!name) return Failure(name.error());
    owner_ = std::move(*name);
    words = words.subspan(1);
  }
  if (!owner_) return wants("the first record has no name; begin the line with one, or with @");
  std::optional<std::chrono::seconds> ttl;
  if (auto read = header(words, ttl); !read) return read;
  if (words.empty() || !is_mnemonic(words.front())) {
    return wants("a record is: name, perhaps TTL and IN, type, data; the type is missing");
  }
  if (ttl) last_ttl_ = *ttl;
  const ZoneWord named = words.front();
  words = words.subspan(1);
  const auto type = parse_zone_type(named.text);
  if (type) return typed(entry.line, *type, words, ttl ? *ttl : default_ttl_.value_or(last_ttl_));
  if (words.empty()) return wants("the record has no data behind its type");
  ++file_.skipped;
  note(entry.line, "type " + ascii::lower(named.text) + " is not used here; skipped");
  file_.zone.add_name(*owner_);
  return {};
}

Result<void> Reader::typed(std::size_t line, Type type, Words words, std::chrono::seconds ttl) {
  if (type == Type::Soa) {
    if (auto good = check_soa(words, origin_); !good) return good;
    file_.zone.add_name(*owner_);
    return {};
  }
  auto data = parse_zone_rdata(type, words, origin_);
  if (!data) return Failure(data.error());
  if (type == Type::Txt) note_long_strings(line, words);
  return file_.zone.add(*owner_, type, std::move(*data), ttl);
}

// The value is the strings joined, so it is clear what was meant; but no server would load it.
void Reader::note_long_strings(std::size_t line, Words words) {
  for (const ZoneWord& word : words) {
    const auto text = unescape(word.text);
    if (!text || text->size() <= kMostString) continue;
    note(line, "a string of " + std::to_string(text->size()) + " octets; name servers take 255, split it into several");
  }
}

void Reader::note(std::size_t line, std::string_view text) {
  if (file_.notes.size() >= ZoneFile::kMostNotes) return;
  file_.notes.push_back("line " + std::to_string(line) + ": " + std::string(text));
}

}  // namespace

Result<ZoneFile> parse_zone_file(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ZoneLexer lexer(text);
  Reader reader;
  for (;;) {
    const auto entry = lexer.next();
    if (!entry) return Failure(entry.error());
    if (!*entry) return reader.take();
    if (auto read = reader.read(**entry); !read) return Failure(read.error());
  }
}

}  // namespace anechoic::dns
