// SPDX-License-Identifier: Apache-2.0
// What was sent, as far as a judgement of answers needs it: for each message the hashes of its Message-ID, subject and
// recipients, and its date. 56 octets and 16 for each recipient; at most kMessages: beyond them what is absent proves
// nothing (is_whole).
//
// Coverage: from the first date to the last, but for silences of more than kGap, and at both ends its longest silence
// (at most a week) more: a pause of that length is nothing unusual for this sender. The farther half of that is Margin.
// A wrong clock must not widen it: a date with no other within kGap, and one at an end that is more than a week from
// its neighbour and twice as far as any two others, counts as not known. A message of unknown date is one of any time.
// Use: add() all, finish(), then ask.   Threads: none; one owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "mail/header_block.h"

namespace anechoic::triage {

enum class Coverage : std::uint8_t { No, Margin, Yes };

// For comparing subjects: decoded, without Re: and kin, list and spam marks in brackets, case and space. "" = nothing.
[[nodiscard]] std::string plain_subject(std::string_view decoded);

class SentIndex {
 public:
  static constexpr std::size_t kMessages = 500'000;
  static constexpr std::size_t kRecipients = 1'000'000;
  static constexpr std::size_t kDomains = 1'000;
  static constexpr std::chrono::hours kLongestMargin{7 * 24};
  static constexpr std::chrono::hours kGap{60 * 24};

  struct Record {
    std::uint64_t message_id = 0;  // hashes; 0 = none
    std::uint64_t subject = 0;
    std::uint64_t subject_head = 0;  // its first and last characters: what prefixes and cuts leave of it
    std::uint64_t subject_tail = 0;
    std::int64_t at = 0;                // seconds since 1970; 0 = not known
    std::uint32_t first_recipient = 0;  // in the list of recipients
    std::uint16_t recipients = 0;
    mutable std::uint16_t strangers = 0;  // answers to it that named a recipient it never had
  };

  explicit SentIndex(std::size_t messages = kMessages) : most_(messages) {}

  void add(const mail::HeaderBlock& header);
  void finish();

  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] bool is_whole() const { return whole_; }
  [[nodiscard]] Coverage covers(WallTime at) const;
  [[nodiscard]] std::optional<std::pair<WallTime, WallTime>> span() const;

  [[nodiscard]] std::vector<const Record*> find_messages(std::string_view message_id) const;
  [[nodiscard]] bool went_to(const Record& record, std::string_view address) const;
  [[nodiscard]] static bool has_subject(const Record& record, std::string_view decoded_subject);
  // The same, or as somebody may have prefixed or shortened it; an empty one is that of any message.
  [[nodiscard]] static bool may_have_subject(const Record& record, std::string_view decoded_subject);

  struct Window {
    WallTime from;
    WallTime until;
  };
  // The latest in the window that went to `address`; with `subject` (decoded, not empty) only one that has it.
  [[nodiscard]] const Record* find_recipient(std::string_view address, Window window, std::string_view subject) const;
  [[nodiscard]] bool ever_went_to(std::string_view address) const;
  [[nodiscard]] const Record* find_subject(std::string_view decoded_subject, Window window) const;
  // Do our Message-IDs end in this one's domain?
  [[nodiscard]] bool knows_domain_of(std::string_view message_id) const;
  // The authors seen, most frequent first, at most 20.
  [[nodiscard]] std::vector<std::string> authors() const;

 private:
  std::size_t most_;
  std::vector<Record> records_;
  std::vector<std::uint64_t> recipients_;                               // of all records
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_message_id_;  // hash, record
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_recipient_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_subject_;
  std::unordered_set<std::uint64_t> domains_;
  std::vector<std::pair<std::string, std::uint64_t>> authors_;
  std::vector<std::pair<std::int64_t, std::int64_t>> spans_;  // covered, in order
  std::int64_t margin_ = 0;
  bool whole_ = true;
};

}  // namespace anechoic::triage
