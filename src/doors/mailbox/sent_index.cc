// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/sent_index.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <tuple>

#include "base/ascii.h"
#include "doors/mailbox/me.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"

namespace anechoic::triage {
namespace {

constexpr std::size_t kAuthors = 1000;
constexpr std::size_t kAuthorsShown = 20;
constexpr std::array<std::string_view, 20> kPrefixes = {
    "external:", "extern:", "ext:", "caution:", "re:",  "aw:",  "fw:",   "fwd:", "wg:", "sv:",
    "vs:",       "antw:",   "tr:",  "rv:",      "odp:", "ref:", "resp:", "rif:", "i:",  "ynt:"};

std::uint64_t hash_of(std::string_view text) {
  return text.empty() ? 0 : std::hash<std::string_view>{}(text);
}

std::string_view domain_of_id(std::string_view message_id) {
  const std::size_t at = message_id.rfind('@');
  if (at == std::string_view::npos) return "";
  std::string_view domain = message_id.substr(at + 1);
  while (domain.ends_with('>') || domain.ends_with(' ')) domain.remove_suffix(1);
  return domain;
}

// The first and the last characters of a plain subject.
std::pair<std::uint64_t, std::uint64_t> ends_of(std::string_view plain) {
  constexpr std::size_t kEnd = 12;
  if (plain.size() < kEnd) return {hash_of(plain), hash_of(plain)};
  return {hash_of(plain.substr(0, kEnd)), hash_of(plain.substr(plain.size() - kEnd))};
}

std::int64_t seconds(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}
WallTime time_of(std::int64_t at) {
  return WallTime(std::chrono::seconds(at));
}

constexpr std::int64_t kWeek = std::chrono::seconds(SentIndex::kLongestMargin).count();

using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

// Sorted dates without long silences between them; a wrong one at an end is left out.
std::pair<std::int64_t, std::int64_t> trimmed(std::span<const std::int64_t> dates) {
  std::int64_t widest = 0;
  for (std::size_t i = 2; i + 1 < dates.size(); ++i) widest = std::max(widest, dates[i] - dates[i - 1]);
  const auto strays = [widest](std::int64_t gap) { return gap > kWeek && gap > 2 * widest; };
  if (dates.size() > 3 && strays(dates[1] - dates[0])) dates = dates.subspan(1);
  if (dates.size() > 3 && strays(dates.back() - dates[dates.size() - 2])) dates = dates.first(dates.size() - 1);
  return std::pair{dates.front(), dates.back()};
}

Spans spans_of(const std::vector<std::int64_t>& dates) {
  constexpr std::int64_t kGap = std::chrono::seconds(SentIndex::kGap).count();
  Spans spans;
  for (std::size_t begin = 0; begin < dates.size();) {
    std::size_t end = begin + 1;
    while (end < dates.size() && dates[end] - dates[end - 1] <= kGap) ++end;
    // One that stands alone among others says more of a clock than of a time.
    if (end - begin > 1 || dates.size() == 1) spans.push_back(trimmed(std::span(dates).subspan(begin, end - begin)));
    begin = end;
  }
  return spans;
}

bool lies_in(const Spans& spans, std::int64_t at, std::int64_t margin = 0) {
  return std::ranges::any_of(spans,
                             [&](const auto& span) { return at >= span.first - margin && at <= span.second + margin; });
}

template <typename Use>
const SentIndex::Record* look_up(const std::vector<std::pair<std::uint64_t, std::uint32_t>>& index,
                                 const std::vector<SentIndex::Record>& records, std::uint64_t hash, const Use& fits) {
  if (hash == 0) return nullptr;
  const auto [begin, end] = std::ranges::equal_range(index, hash, {}, &std::pair<std::uint64_t, std::uint32_t>::first);
  const SentIndex::Record* latest = nullptr;
  for (auto entry = begin; entry != end; ++entry) {
    const SentIndex::Record& record = records[entry->second];
    if (fits(record) && (latest == nullptr || record.at > latest->at)) latest = &record;
  }
  return latest;
}

bool is_in(SentIndex::Window window, const SentIndex::Record& record) {
  return record.at == 0 || (record.at >= seconds(window.from) && record.at <= seconds(window.until));
}

}  // namespace

std::string plain_subject(std::string_view decoded) {
  std::string text;
  for (const char c : ascii::lower(decoded)) {
    const bool blank = ascii::is_blank(c) || ascii::is_control(c);
    if (!blank) text += c;
    if (blank && !text.empty() && text.back() != ' ') text += ' ';
  }
  std::string_view rest = ascii::trim(text);
  for (bool more = true; more && !rest.empty();) {
    more = false;
    for (const std::string_view prefix : kPrefixes) {
      if (!rest.starts_with(prefix)) continue;
      rest = ascii::trim(rest.substr(prefix.size()));
      more = true;
    }
    for (const auto& [open, close] :
         {std::pair<std::string_view, std::string_view>{"[", "]"}, {"***", "***"}, {"{", "}"}}) {
      if (!rest.starts_with(open)) continue;
      const std::size_t end = rest.find(close, open.size());
      if (end == std::string_view::npos || end + close.size() >= rest.size()) continue;
      rest = ascii::trim(rest.substr(end + close.size()));
      more = true;
    }
  }
  return std::string(rest);
}

void SentIndex::add(const mail::HeaderBlock& header) {
  if (records_.size() >= most_ || recipients_.size() >= kRecipients) {
    whole_ = false;
    return;
  }
  Record record;
  const std::string message_id = header.value("Message-ID");
  record.message_id = hash_of(message_id);
  const std::string subject = plain_subject(mail::decode_words(header.value("Subject")));
  record.subject = hash_of(subject);
  std::tie(record.subject_head, record.subject_tail) = ends_of(subject);
  if (const auto at = mail::parse_date(header.value("Date"))) record.at = seconds(*at);
  record.first_recipient = static_cast<std::uint32_t>(recipients_.size());
  const auto index = static_cast<std::uint32_t>(records_.size());
  for (const mail::Field& field : header.fields()) {
    const std::string name = ascii::lower(field.name);
    if (name != "to" && name != "cc" && name != "bcc" && name != "resent-to" && name != "resent-cc") continue;
    for (const mail::HeaderAddress& to : mail::parse_address_list(field.value)) {
      if (record.recipients == UINT16_MAX || recipients_.size() >= kRecipients) break;
      recipients_.push_back(hash_of(ascii::lower(to.address)));
      by_recipient_.emplace_back(recipients_.back(), index);
      ++record.recipients;
    }
  }
  if (domains_.size() < kDomains) domains_.insert(hash_of(ascii::lower(domain_of_id(message_id))));
  for (const mail::HeaderAddress& from : mail::parse_address_list(header.value("From"))) {
    const std::string author = untagged(from.address);
    const auto known = std::ranges::find(authors_, author, &std::pair<std::string, std::uint64_t>::first);
    if (known != authors_.end())
      ++known->second;
    else if (authors_.size() < kAuthors && !mail::domain_part(author).empty())
      authors_.emplace_back(author, 1);
  }
  by_message_id_.emplace_back(record.message_id, index);
  by_subject_.emplace_back(record.subject, index);
  records_.push_back(record);
}

void SentIndex::finish() {
  std::ranges::sort(by_message_id_);
  std::ranges::sort(by_recipient_);
  std::ranges::sort(by_subject_);
  std::ranges::sort(authors_, std::greater<>{}, &std::pair<std::string, std::uint64_t>::second);
  std::vector<std::int64_t> dates;
  for (const Record& record : records_)
    if (record.at > 0) dates.push_back(record.at);
  std::ranges::sort(dates);
  spans_ = spans_of(dates);
  for (Record& record : records_)
    if (!lies_in(spans_, record.at)) record.at = 0;
  for (std::size_t i = 1; i < dates.size(); ++i)
    if (lies_in(spans_, dates[i - 1]) && lies_in(spans_, dates[i]))
      margin_ = std::max(margin_, std::min(dates[i] - dates[i - 1], kWeek));
}

Coverage SentIndex::covers(WallTime at) const {
  const std::int64_t when = seconds(at);
  if (!whole_) return Coverage::No;
  if (lies_in(spans_, when, margin_ / 2)) return Coverage::Yes;
  return lies_in(spans_, when, margin_) ? Coverage::Margin : Coverage::No;
}

std::optional<std::pair<WallTime, WallTime>> SentIndex::span() const {
  if (spans_.empty()) return std::nullopt;
  return std::pair{time_of(spans_.front().first), time_of(spans_.back().second)};
}

std::vector<const SentIndex::Record*> SentIndex::find_messages(std::string_view message_id) const {
  std::vector<const Record*> found;
  const std::uint64_t hash = hash_of(message_id);
  if (hash == 0) return found;
  const auto same = std::ranges::equal_range(by_message_id_, hash, {}, &std::pair<std::uint64_t, std::uint32_t>::first);
  for (const auto& entry : same) found.push_back(&records_[entry.second]);
  return found;
}

bool SentIndex::went_to(const Record& record, std::string_view address) const {
  const std::uint64_t hash = hash_of(ascii::lower(address));
  const auto begin = recipients_.begin() + record.first_recipient;
  return hash != 0 && std::find(begin, begin + record.recipients, hash) != begin + record.recipients;
}

bool SentIndex::has_subject(const Record& record, std::string_view decoded_subject) {
  return record.subject == hash_of(plain_subject(decoded_subject));
}

bool SentIndex::may_have_subject(const Record& record, std::string_view decoded_subject) {
  const std::string plain = plain_subject(decoded_subject);
  if (plain.empty() || hash_of(plain) == record.subject) return true;
  const auto [head, tail] = ends_of(plain);
  return head == record.subject_head || tail == record.subject_tail;
}

bool SentIndex::ever_went_to(std::string_view address) const {
  return look_up(by_recipient_, records_, hash_of(ascii::lower(address)), [](const Record&) { return true; }) !=
         nullptr;
}

const SentIndex::Record* SentIndex::find_recipient(std::string_view address, Window window,
                                                   std::string_view subject) const {
  return look_up(by_recipient_, records_, hash_of(ascii::lower(address)), [&](const Record& record) {
    return is_in(window, record) && (subject.empty() || has_subject(record, subject));
  });
}

const SentIndex::Record* SentIndex::find_subject(std::string_view decoded_subject, Window window) const {
  return look_up(by_subject_, records_, hash_of(plain_subject(decoded_subject)),
                 [&](const Record& record) { return is_in(window, record); });
}

bool SentIndex::knows_domain_of(std::string_view message_id) const {
  const std::uint64_t hash = hash_of(ascii::lower(domain_of_id(message_id)));
  return hash != 0 && domains_.contains(hash);
}

std::vector<std::string> SentIndex::authors() const {
  std::vector<std::string> names;
  for (const auto& [name, count] : authors_)
    if (names.size() < kAuthorsShown) names.push_back(name);
  return names;
}

}  // namespace anechoic::triage
