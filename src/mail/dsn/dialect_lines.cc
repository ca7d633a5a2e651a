// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/dialect_lines.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "mail/dsn/line_pattern.h"
#include "mail/dsn/text_tools.h"
#include "mail/phrase_match.h"
#include "rules/bounce_dialects.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kLineBytes = 1000;

bool begins_with_any(std::string_view line, std::span<const std::string_view> beginnings) {
  // The first octet decides nearly always.
  return !line.empty() && std::ranges::any_of(beginnings, [&](std::string_view beginning) {
    return beginning.front() == line.front() && line.starts_with(beginning);
  });
}

// A line that holds nothing but one address and its decoration.
std::string bare_address(std::string_view line) {
  constexpr std::string_view kDecoration = " \t<>\"'*-:;,.()[]|#=~";
  const auto found = find_address(line);
  if (!found) return {};
  const auto decoration = [&](std::string_view part) {
    return part.find_first_not_of(kDecoration) == std::string_view::npos ||
           ascii::iequals(trim_all(part), "<mailto:") || ascii::iequals(trim_all(part), "mailto:") ||
           ascii::iequals(trim_all(part), "to:") || ascii::iequals(trim_all(part), "to: <") ||
           trim_all(part) == "\xE2\x80\xA2" || trim_all(part) == "\xC2\xB7";
  };
  std::string_view behind = line.substr(found->end);
  // "a@b<mailto:a@b>" and "a@b (a@b)<mailto:a@b>"
  while (const auto again = find_address(behind)) {
    if (again->address != found->address || !decoration(behind.substr(0, again->begin))) return {};
    behind.remove_prefix(again->end);
  }
  const bool bare = decoration(line.substr(0, found->begin)) && decoration(behind);
  return bare ? one_line(found->address, kMaxAddress) : std::string();
}

// As a name: without the dot of the root.
std::string host_name(std::string_view word) {
  while (word.ends_with('.') || word.ends_with(':')) word.remove_suffix(1);
  return one_line(word);
}

// Not what closes a bracket or quote behind an address.
bool says_something(std::string_view text) {
  constexpr std::size_t kOneCharacter = 4;
  return std::ranges::any_of(text, ascii::is_alnum) ||
         (text.size() > kOneCharacter &&
          std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
}

// The addresses of the bounce itself.
bool is_own(const Correspondents& own, std::string_view address) {
  return ascii::iequals(address, own.from) || ascii::iequals(address, own.to);
}

// Does a pattern say more than where the address stands?
bool has_words(std::string_view pattern) {
  bool inside = false;
  return std::ranges::any_of(pattern, [&](char c) {
    inside = c == '{' || (inside && c != '}');
    return !inside && ascii::is_alpha(c);
  });
}

class LineReader {
 public:
  LineReader(const rules::Dialect& dialect, const Correspondents& own, bool anywhere, DialectReading& reading)
      : dialect_(dialect), own_(own), reading_(reading), reading_recipients_(anywhere || dialect.begin.empty()) {}

  // False where the returned message begins.
  bool on_line(std::string_view line) {
    // A returned header may follow without a word.
    if (!dialect_.json && line.starts_with("Received: ") && has_seen_text_) return false;
    line = trim_all(line.substr(0, kLineBytes));
    if (line.empty()) return true;
    has_seen_text_ = true;
    const std::string folded = fold(line);
    if (begins_with_any(folded, dialect_.original)) return false;
    const bool begins = begins_with_any(folded, dialect_.begin);
    if (begins) {
      reading_recipients_ = true;
      ended_ = false;
    }
    if (dialect_.original.empty() && begins_original(folded)) return false;
    // Advice may also stand above the recipients.
    const bool ends = begins_with_any(folded, dialect_.end) || begins_with_any(folded, rules::kCommon[0].end);
    if (ends && !reading_.recipients.empty()) ended_ = true;
    if (transcript(line, folded) || patterns(line, folded)) return true;
    if (ends || (begins && !has_current()) || begins_with_any(folded, dialect_.skip) || bare(line)) return true;
    prose(line, folded);
    return true;
  }

  // Recipients that were listed together share what is said behind the last of them.
  void finish() {
    if (reading_.recipients.empty() && dialect_.general) take_mentioned();
    auto& recipients = reading_.recipients;
    if (!above_.empty())
      append_line(
          has_current() && recipients[current_].diagnostic.empty() ? recipients[current_].diagnostic : reading_.after,
          above_);
    for (std::size_t i = recipients.size(); i-- > 1;) {
      if (recipients[i - 1].diagnostic.empty()) {
        recipients[i - 1].diagnostic = recipients[i].diagnostic;
        if (recipients[i - 1].context.empty()) recipients[i - 1].context = recipients[i].context;
      }
    }
    // "User mailbox exceeds allowed size: a@b": nothing else may be said.
    if (!reading_.before.empty()) openings_.clear();
    for (const auto& [recipient, line] : openings_) {
      if (recipients[recipient].diagnostic.empty()) recipients[recipient].diagnostic = line;
    }
  }

 private:
  // A name without a domain is one of the system that reports.
  [[nodiscard]] std::string at_own_domain(std::string_view local) const {
    const std::size_t sign = own_.from.rfind('@');
    return sign == std::string_view::npos
               ? std::string()
               : one_line(std::string(local) + ascii::lower(own_.from.substr(sign)), kMaxAddress);
  }

  // Makes `address` the recipient that the next lines are about.
  void select(const std::string& address) {
    auto& recipients = reading_.recipients;
    const auto known =
        std::ranges::find_if(recipients, [&](const DialectRecipient& r) { return ascii::iequals(r.address, address); });
    current_ = static_cast<std::size_t>(known - recipients.begin());
    if (known != recipients.end()) return;
    if (recipients.size() == kMaxRecipients) {
      current_ = kMaxRecipients - 1;
      return;
    }
    recipients.push_back({.address = address, .original = {}, .host = {}, .diagnostic = {}, .context = pending_});
    pending_.clear();
  }

  [[nodiscard]] bool has_current() const { return current_ < reading_.recipients.size(); }

  // ">>> RCPT TO:<a@b>", "<<< 550 no such user": what was said and answered.
  bool transcript(std::string_view line, const std::string& folded) {
    if (line.starts_with("<<<")) {
      answer(line);
      return true;
    }
    if (!line.starts_with(">>>")) return false;
    const auto found = folded.contains("rcpt to") ? find_address(line) : std::nullopt;
    if (found) select(one_line(found->address, kMaxAddress));
    // The last command before the refusal is the one that was refused.
    if (!has_current()) {
      pending_ = one_line(line);
    } else if (!reading_.recipients[current_].diagnostic.contains("<<<")) {
      reading_.recipients[current_].context = one_line(line);
    }
    return true;
  }

  // What follows the refusal of a recipient with another code is about something else ("503 need RCPT").
  void answer(std::string_view line) {
    if (dialect_.above) return append_line(above_, line);
    if (!has_current()) return append_line(reading_.after, line);
    std::string& diagnostic = reading_.recipients[current_].diagnostic;
    const std::size_t first = diagnostic.find("<<<");
    if (first != std::string::npos && !diagnostic.substr(first).starts_with(line.substr(0, 7))) {
      // With pipelining DATA was sent before the recipient was refused.
      if (line.contains("503") || line.contains("no valid recipients"))
        reading_.recipients[current_].context = ">>> RCPT TO";
      return;
    }
    append_line(diagnostic, line);
  }

  bool patterns(std::string_view line, const std::string& folded) {
    if (!reading_recipients_) return false;
    for (const std::string_view pattern : dialect_.lines) {
      auto match = match_line(pattern, line, folded);
      if (!match) continue;
      if (!match->local.empty()) match->address = at_own_domain(match->local);
      // "(generated from a@b)" of an address that is kept secret.
      const std::string& address = match->address.empty() && !has_current() ? match->original : match->address;
      if (!address.empty()) {
        if (ended_ || is_left_for_later(address)) continue;
        select(address);
      } else if (!has_current()) {
        append_line(reading_.before, match->text.empty() ? line : match->text);
        return true;
      }
      DialectRecipient& recipient = reading_.recipients[current_];
      if (!address.empty() && has_words(pattern)) openings_.emplace_back(current_, one_line(line));
      if (!match->original.empty()) recipient.original = match->original;
      if (!match->host.empty()) recipient.host = host_name(match->host);
      if (match->address.empty() && match->original.empty() && match->host.empty() && match->text.empty())
        append_line(recipient.context, line, kMaxField);
      if (dialect_.above && !match->address.empty()) append_line(recipient.diagnostic, std::exchange(above_, {}));
      if (!match->code.empty()) append_line(recipient.diagnostic, match->code);
      if (says_something(match->text)) append_line(recipient.diagnostic, match->text);
      return true;
    }
    return false;
  }

  bool bare(std::string_view line) {
    if (!dialect_.bare || !reading_recipients_ || ended_) return false;
    const std::string address = bare_address(line);
    if (address.empty() || is_left_for_later(address)) return false;
    select(address);
    return true;
  }

  // The first address that a sentence names, if it can be the one that failed.
  void take_mentioned() {
    const std::string said = reading_.before;
    for (std::size_t at = 0;;) {
      const auto found = find_address(said, at);
      if (!found) break;
      at = found->end;
      const std::string local = ascii::lower(found->address.substr(0, found->address.rfind('@')));
      constexpr std::array<std::string_view, 8> kHelpers{"postmaster", "abuse", "support", "help",
                                                         "helpdesk",   "info",  "admin",   "webmaster"};
      const bool helper = std::ranges::find(kHelpers, local) != kHelpers.end() || local.starts_with("mailer-daemon");
      if (helper || is_own(own_, found->address)) continue;
      select(one_line(found->address, kMaxAddress));
      append_line(reading_.recipients[current_].diagnostic, said);
      return;
    }
    // Somebody wrote to himself.
    if (to_self_.empty()) return;
    select(to_self_);
    append_line(reading_.recipients[current_].diagnostic, said);
  }

  // General patterns also fit the line that names the sender.
  bool is_left_for_later(const std::string& address) {
    if (!dialect_.general || !is_own(own_, address)) return false;
    if (ascii::iequals(address, own_.to)) to_self_ = address;
    return true;
  }

  void prose(std::string_view line, const std::string& folded) {
    if (ended_) return;
    if (dialect_.above) return append_line(above_, line);
    for (DialectRecipient& recipient : reading_.recipients) {
      if (reading_.recipients.size() > 1 && reading_.recipients.size() < 20 && mentions(folded, recipient.address)) {
        return append_line(recipient.diagnostic, line);
      }
    }
    if (has_current()) return append_line(reading_.recipients[current_].diagnostic, line);
    append_line(reading_.before, line);
  }

  const rules::Dialect& dialect_;
  const Correspondents& own_;
  DialectReading& reading_;
  bool reading_recipients_;
  bool ended_ = false;
  bool has_seen_text_ = false;
  std::size_t current_ = static_cast<std::size_t>(-1);
  std::vector<std::pair<std::size_t, std::string>> openings_;  // lines that named a recipient in words
  std::string above_;                                          // text whose address is still to come
  std::string to_self_;                                        // the bounce's own recipient, where a line names him
  std::string pending_;                                        // commands before the first recipient
};

}  // namespace

bool begins_original(std::string_view folded_line) {
  return begins_with_any(folded_line, rules::kCommon[0].original);
}

void read_lines(const rules::Dialect& dialect, std::string_view text, const Correspondents& own,
                DialectReading& reading) {
  const auto lines = split_lines(text);
  // Where no line begins the list of recipients they may stand anywhere.
  for (const bool anywhere : {false, true}) {
    reading.before.clear();
    reading.after.clear();
    reading.original_line = std::string_view::npos;
    LineReader reader(dialect, own, anywhere, reading);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!reader.on_line(lines[i])) {
        // The line behind which it begins.
        reading.original_line = lines[i].starts_with("Received: ") ? i - 1 : i;
        break;
      }
    }
    reader.finish();
    if (dialect.begin.empty() || !reading.recipients.empty()) break;
  }
}

}  // namespace anechoic::mail::dsn
