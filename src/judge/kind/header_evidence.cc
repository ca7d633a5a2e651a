// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/header_evidence.h"

#include <algorithm>
#include <array>

#include "judge/kind/fold.h"
#include "judge/kind/phrases.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"

namespace anechoic::judge {

namespace {

constexpr std::size_t kNameBytes = 64;     // a longer field name has no rule
constexpr std::size_t kValueBytes = 1000;  // of a value are looked at

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string decoded(std::string_view value, std::size_t limit = Evidence::kDetailBytes) {
  return mail::decode_words(value.substr(0, kValueBytes), limit);
}

// The first word of a value, in lower case: "auto-replied" of "auto-replied (vacation); x=y".
std::string first_word(std::string_view value) {
  const std::string text = lower(mail::unfold(mail::without_comments(value.substr(0, kValueBytes))));
  return text.substr(0, text.find_first_of(" \t;,"));
}

AutoSubmitted auto_submitted_from(std::string_view word) {
  if (word.empty()) return AutoSubmitted::Absent;
  if (word == "no") return AutoSubmitted::No;
  if (word == "auto-generated") return AutoSubmitted::Generated;
  if (word == "auto-replied") return AutoSubmitted::Replied;
  if (word == "auto-notified") return AutoSubmitted::Notified;
  return AutoSubmitted::Other;
}

PrecedenceWord precedence_from(std::string_view word) {
  if (word == "bulk") return PrecedenceWord::Bulk;
  if (word == "list") return PrecedenceWord::List;
  if (word == "junk") return PrecedenceWord::Junk;
  if (word == "auto_reply" || word == "auto-reply" || word == "auto") return PrecedenceWord::AutoReply;
  return PrecedenceWord::Other;
}

bool under(std::string_view domain, std::string_view suffix) {
  return domain == suffix || (domain.size() > suffix.size() && domain.ends_with(suffix) &&
                              domain[domain.size() - suffix.size() - 1] == '.');
}

struct Sender {
  std::string local;
  std::string domain;
  std::string display;  // folded
};

bool matches(const rules::headers::SenderRule& rule, const Sender& sender) {
  const auto any = [](auto list, auto holds) { return std::ranges::any_of(list, holds); };
  return any(rule.is, [&](std::string_view text) { return sender.local == text; }) ||
         any(rule.starts, [&](std::string_view text) { return sender.local.starts_with(text); }) ||
         any(rule.ends, [&](std::string_view text) { return sender.local.ends_with(text); }) ||
         any(rule.domains, [&](std::string_view text) { return under(sender.domain, text); }) ||
         (!sender.display.empty() &&
          any(rule.display, [&](std::string_view text) { return sender.display.contains(text); }));
}

Sender sender_of(std::string_view address, std::string_view display) {
  return {lower(mail::local_part(address)), lower(mail::domain_part(address)),
          display.empty() ? "" : fold(display, 200)};
}

void read_from(std::string_view value, Evidence& evidence) {
  const auto authors = mail::parse_address_list(value.substr(0, 4 * kValueBytes));
  if (authors.empty()) return;
  const Sender sender = sender_of(authors.front().address, authors.front().display);
  for (const auto& rule : rules::headers::kSender)
    if (!rule.from_not && matches(rule, sender)) evidence.add(rule.signal, decoded(value));
  if (authors.front().address.empty()) evidence.add(SignalId::RobotSender, "<>");
  evidence.mailer_daemon = evidence.has(SignalId::RobotSender) && !sender.local.starts_with("postm");
}

void read_envelope(std::string_view address, Evidence& evidence) {
  evidence.sender_known = true;
  if (address.empty()) {
    evidence.add(SignalId::NullSender, "<>");
    return;
  }
  const Sender sender = sender_of(address, {});
  for (const auto& rule : rules::headers::kSender) {
    if (!rule.envelope || !matches(rule, sender)) continue;
    evidence.add(rule.signal == SignalId::ChallengeSender ? SignalId::ChallengeSender : SignalId::RobotEnvelope,
                 decoded(address));
  }
}

// Return-Path as some programs write it: "<>", "", "<MAILER-DAEMON>", "<a@b> (added by ...)".
void read_return_path(std::string_view value, Evidence& evidence) {
  const std::string text = mail::unfold(value.substr(0, kValueBytes));
  const std::size_t open = text.find('<');
  const std::size_t close = text.find('>', open == std::string::npos ? 0 : open);
  if (open != std::string::npos && close != std::string::npos)
    read_envelope(std::string_view(text).substr(open + 1, close - open - 1), evidence);
  else if (text.empty() || text.contains('@') || !text.contains(' '))
    read_envelope(text, evidence);
}

// Folded, as the subject is.
constexpr std::array<std::string_view, 24> kReplyWords{
    "re:",  "aw:", "sv:",   "antw:", "vs:",   "odp:",  "res:",   "rif:", "ynt:", "re :", "ref:", "bls:",
    "atb:", "απ:", "σχετ:", "回复:", "答复:", "回覆:", "reply:", "отв:", "на:",  "hal:", "r:",   "sval:"};
constexpr std::array<std::string_view, 22> kForwardWords{
    "fwd:", "fw:",  "wg:",   "tr:",   "rv:",     "vb:",  "vl:",  "pd:",   "enc:",  "doorst:", "i:",
    "fs:",  "ilt:", "转发:", "轉寄:", "пересл:", "πρθ:", "fwd ", "[fwd:", "(fwd)", "vid:",    "tovabbitas:"};

// How long the word is that `subject` begins with, "re[2]:" and "re (3):" included; 0 = none.
std::size_t begins_with_word(std::string_view subject, std::span<const std::string_view> words) {
  for (const std::string_view word : words)
    if (subject.starts_with(word)) return word.size();
  return 0;
}

std::size_t counted_reply(std::string_view subject) {
  if (!subject.starts_with("re[") && !subject.starts_with("re(") && !subject.starts_with("re^")) return 0;
  const std::size_t colon = subject.find(':');
  return colon != std::string_view::npos && colon <= 8 ? colon + 1 : 0;
}

// Of a tag that gateways put before a subject.
std::size_t tag_length(std::string_view subject) {
  constexpr std::size_t kLongestTag = 60;
  if (subject.starts_with("***") || subject.starts_with("---")) {
    const std::size_t after = subject.find_first_not_of(subject.front());
    const std::size_t close = subject.find(subject.substr(0, 3), after);
    if (close == std::string_view::npos || close > kLongestTag) return 0;
    const std::size_t end = subject.find_first_not_of(subject.front(), close);
    return end == std::string_view::npos ? subject.size() : end;
  }
  const char close = subject.starts_with('[')   ? ']'
                     : subject.starts_with('{') ? '}'
                     : subject.starts_with('<') ? '>'
                                                : 0;
  if (close == 0) return 0;
  const std::size_t end = subject.find(close);
  return end == std::string_view::npos || end > kLongestTag ? 0 : end + 1;
}

}  // namespace

void read_subject(std::string_view decoded, Evidence& evidence) {
  const std::string folded = fold(decoded, kValueBytes);
  std::string_view rest = folded;
  const auto skip = [&rest](std::size_t length) {
    rest.remove_prefix(length);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  };
  bool answered = false;
  for (int i = 0; i < 8 && !rest.empty(); ++i) {
    if (const std::size_t forward = begins_with_word(rest, kForwardWords); forward > 0) {
      evidence.add(SignalId::ForwardSubject, folded);
      answered = true;
      skip(forward);
    } else if (std::size_t reply = begins_with_word(rest, kReplyWords);
               reply > 0 || (reply = counted_reply(rest)) > 0) {
      evidence.add(SignalId::ReplySubject, folded);
      answered = true;
      skip(reply);
    } else if (const std::size_t tag = tag_length(rest); tag > 0) {
      skip(tag);
    } else {
      break;
    }
  }
  if (folded.ends_with("(fwd)")) evidence.add(SignalId::ForwardSubject, folded);
  const auto append = [&evidence](bool start, std::string_view text) {
    if (start) evidence.subject += Phrases::kSubjectMark;
    evidence.subject += ' ';
    evidence.subject += text;
    evidence.subject += ' ';
  };
  // With its tags too: "[Auto-Reply] ..." is a phrase.
  append(!answered, folded);
  if (!answered && rest.size() < folded.size()) append(true, rest);
}

HeaderRules::HeaderRules() {
  for (const auto& rule : rules::headers::kHeader) {
    if (rule.prefix)
      prefixes_.push_back(&rule);
    else
      exact_.emplace(rule.name, &rule);
  }
}

void HeaderRules::apply(const rules::headers::HeaderRule& rule, const mail::Field& field, Evidence& evidence) const {
  if (evidence.has(rule.signal)) return;
  if (!rule.has.empty() || !rule.lacks.empty()) {
    const std::string value = fold(mail::unfold(field.value.substr(0, kValueBytes)), kValueBytes);
    const auto there = [&value](std::string_view text) { return value.contains(text); };
    if (std::ranges::any_of(rule.lacks, there)) return;
    if (!rule.has.empty() && std::ranges::none_of(rule.has, there)) return;
  }
  evidence.add(rule.signal, std::string(field.name.substr(0, kNameBytes)) + ": " + decoded(field.value));
}

void HeaderRules::read(const mail::HeaderBlock& header, const std::optional<std::string>& envelope_from,
                       Evidence& evidence) const {
  if (envelope_from) read_envelope(*envelope_from, evidence);
  std::array<char, kNameBytes> buffer{};
  const mail::Field* subject = nullptr;
  const mail::Field* from = nullptr;
  for (const mail::Field& field : header.fields()) {
    if (field.name.size() > kNameBytes || field.name.empty()) continue;
    std::ranges::transform(field.name, buffer.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::string_view name(buffer.data(), field.name.size());
    if (name == "received") continue;
    if (name == "subject") {
      if (subject == nullptr) subject = &field;
    } else if (name == "from") {
      if (from == nullptr) from = &field;
    } else if (name == "return-path") {
      if (!evidence.sender_known) read_return_path(field.value, evidence);
    } else if (name == "auto-submitted") {
      const AutoSubmitted value = auto_submitted_from(first_word(field.value));
      // All instances count; "no" of one does not take back what another says.
      if (value > AutoSubmitted::No || evidence.auto_submitted == AutoSubmitted::Absent)
        evidence.auto_submitted = value;
      if (value > AutoSubmitted::No) evidence.add(SignalId::AutoSubmitted, decoded(field.value));
      if (value == AutoSubmitted::Replied && lower(field.value).contains("reject"))
        evidence.add(SignalId::SieveReject, decoded(field.value));
    } else if (name == "precedence" || name == "x-precedence") {
      const PrecedenceWord word = precedence_from(first_word(field.value));
      if (word != PrecedenceWord::Other) {
        evidence.precedence = word;
        evidence.add(SignalId::Precedence, decoded(field.value));
      }
    } else if (name == "in-reply-to" || name == "references") {
      if (field.value.contains('<')) evidence.add(SignalId::AnswersMessage, decoded(field.value));
    } else if (name == "list-post") {
      evidence.list_post = true;
    } else if (name.starts_with("x-") && name.ends_with("-mailscanner")) {
      // MailScanner's templates translate the word, too: "generat", "vytvoren".
      const std::string word = first_word(field.value);
      if (word.starts_with("generat") || word.starts_with("vytvoren"))
        evidence.add(SignalId::VirusHeader, std::string(field.name) + ": " + decoded(field.value));
    }
    const auto [first, last] = exact_.equal_range(name);
    for (auto rule = first; rule != last; ++rule) apply(*rule->second, field, evidence);
    if (!name.starts_with("x-")) continue;
    for (const auto* rule : prefixes_)
      if (name.starts_with(rule->name)) apply(*rule, field, evidence);
  }
  if (from != nullptr) read_from(from->value, evidence);
  if (subject != nullptr)
    read_subject(mail::decode_words(subject->value.substr(0, 4 * kValueBytes), kValueBytes), evidence);
}

}  // namespace anechoic::judge
