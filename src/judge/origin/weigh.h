// SPDX-License-Identifier: Apache-2.0
// Did we send the message that this one answers? All proofs put together; docs/origin.md is the table of its rules.
//
// `not-ours` needs one of: (a) a bad tag, (b) absence from the ledger, (c) an untagged bounce to an address all of
// whose mail leaves tagged. `ours` needs a tag, signature or watermark of ours, or the ledger. Retro-SPF decides
// nothing. Any evidence is taken.   Threads: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "judge/origin/evidence.h"
#include "judge/origin/reasons.h"

namespace anechoic::judge::origin {

enum class Origin : std::uint8_t { Ours, NotOurs, Unknown };
enum class Source : std::uint8_t { Batv, Dkim, Watermark, Ledger, Spf };
enum class Bearing : std::uint8_t { For, Against, Neutral };

struct Finding {
  Source source = Source::Batv;
  Reason reason = Reason::Untagged;
  Bearing bearing = Bearing::Neutral;
  friend bool operator==(const Finding&, const Finding&) = default;
};

// Two findings that can't both be right; unexplained, somebody should look at them before enforcing.
struct Contradiction {
  Reason ours = Reason::LedgerFound;  // the one that says that we sent it
  Reason other = Reason::Absent;
  bool explained = false;
  friend bool operator==(const Contradiction&, const Contradiction&) = default;
};

struct Judgement {
  Origin origin = Origin::Unknown;
  std::vector<Finding> findings{};  // at most one a source, in the order of Source; none of what was not asked
  std::vector<Contradiction> contradictions{};

  // The proofs that the origin rests on: for `by=` of the verdict header. Empty for Unknown.
  [[nodiscard]] std::vector<Source> by() const;
  [[nodiscard]] bool has(Reason reason) const;
  [[nodiscard]] bool contradicted() const;  // by at least one that is unexplained
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

struct Options {
  std::chrono::days dkim_lifetime{14};  // from t=, else Date: queue plus return
};

[[nodiscard]] Judgement weigh(const Evidence& evidence, const Options& options = {});

// dsn, mdn, auto-reply, challenge, virus-notice: they answer a message, so the question has a meaning.
[[nodiscard]] bool is_answer(Kind kind);

[[nodiscard]] std::string_view to_string(Origin origin);  // "ours", "not-ours", "unknown"
[[nodiscard]] std::string_view to_string(Source source);  // "batv", "dkim", "watermark", "ledger", "spf"

}  // namespace anechoic::judge::origin
