// SPDX-License-Identifier: Apache-2.0
// Bounces that people can read and programs can't: the interpreter of data/bounce_dialects.toml.
//
// NoticeHeader::may_be_notice() asks cheaply whether the header leaves room for a bounce at all, so that ordinary mail
// costs nothing more. read_dialect() then finds the first dialect that fits and reads recipients and diagnostics line
// by line. Total, linear in the text.   Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/dsn/bounce.h"
#include "mail/header_block.h"
#include "mail/phrase_match.h"

namespace anechoic::mail::dsn {

struct DialectRecipient {
  std::string address;   // bare
  std::string original;  // what it was made from
  std::string host;
  std::string diagnostic;
  std::string context;  // lines that are no reason but say when it happened: ">>> DATA"
};

struct DialectReading {
  std::string_view name;  // of the entry; in static memory
  ReportType type = ReportType::Delivery;
  Action action = Action::Failed;
  std::optional<Reason> reason;          // what the dialect means whatever it says
  Reason otherwise = Reason::Undefined;  // what it means where the words say nothing
  std::string_view feedback_type;
  std::vector<DialectRecipient> recipients;
  std::string before;         // prose before the first recipient
  std::string after;          // prose that belongs to nobody
  std::size_t original_line;  // the line behind which the returned message begins; npos = no such line
};

// What the header says about being a notice; it must outlive this.
struct NoticeHeader {
  explicit NoticeHeader(const HeaderBlock& block);

  enum class Sign : std::uint8_t { None, Weak, Strong };

  // By From, Subject, Return-Path and the like. Weak: senders and subjects that also write other mail.
  [[nodiscard]] Sign sign() const;
  [[nodiscard]] bool may_be_notice() const { return sign() != Sign::None; }

  const HeaderBlock& header;
  PhraseHits from;
  PhraseHits subject;
  bool is_reply = false;  // or forwarded, by the subject
};

// `text` is UTF-8 with LF. `must_name`: nobody else says who failed, so a dialect that names nobody leaves the text to
// the general ones.
[[nodiscard]] std::optional<DialectReading> read_dialect(const NoticeHeader& head, std::string_view text,
                                                         bool must_name);

}  // namespace anechoic::mail::dsn
