// SPDX-License-Identifier: Apache-2.0
// The closed set of findings of weigh(): word in the journal, in `anechoic explain` and in metrics. docs/origin.md says
// of each when it applies.   Threads: values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace anechoic::judge::origin {

enum class Reason : std::uint8_t {
  TagGood,
  TagExpired,
  TagBad,
  TagBadOtherSigner,
  TagBadSenderNotNull,
  TagUnknownKey,
  TagForeign,
  Untagged,
  UntaggedDeclarationContradicted,
  UntaggedAsSent,
  UntaggedKindNotAsked,
  UntaggedNotABounce,
  UntaggedPhrasesAlone,
  UntaggedBounce,
  DkimVerified,
  DkimOutOfTime,
  DkimOtherAddressee,
  DkimFailed,
  DkimAbsent,
  DkimUnavailable,
  WatermarkGood,
  WatermarkExpired,
  WatermarkOtherAddressee,
  WatermarkBad,
  WatermarkUnknownKey,
  WatermarkAbsent,
  LedgerFound,
  LedgerOtherSender,
  LedgerUnavailable,
  AbsentOutsideCoverage,
  AbsentUnidentified,
  AbsentNextHopRewrites,
  AbsentOtherSigner,
  AbsentNotAnAnswer,
  AbsentPhrasesAlone,
  AbsentThoughOurs,
  Absent,
  SpfPass,
  SpfFail,
  SpfUnknown,
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::SpfUnknown) + 1;

// In the order of the values.
inline constexpr std::array<std::string_view, kReasons> kReasonNames{
    "tag-good",
    "tag-expired",
    "tag-bad",
    "tag-bad-other-signer",
    "tag-bad-sender-not-null",
    "tag-unknown-key",
    "tag-foreign",
    "untagged",
    "untagged-declaration-contradicted",
    "untagged-as-sent",
    "untagged-kind-not-asked",
    "untagged-not-a-bounce",
    "untagged-phrases-alone",
    "untagged-bounce",
    "dkim-verified",
    "dkim-out-of-time",
    "dkim-other-addressee",
    "dkim-failed",
    "dkim-absent",
    "dkim-unavailable",
    "watermark-good",
    "watermark-expired",
    "watermark-other-addressee",
    "watermark-bad",
    "watermark-unknown-key",
    "watermark-absent",
    "ledger-found",
    "ledger-other-sender",
    "ledger-unavailable",
    "absent-outside-coverage",
    "absent-unidentified",
    "absent-next-hop-rewrites",
    "absent-other-signer",
    "absent-not-an-answer",
    "absent-phrases-alone",
    "absent-though-ours",
    "absent",
    "spf-pass",
    "spf-fail",
    "spf-unknown",
};

[[nodiscard]] constexpr std::string_view to_string(Reason reason) {
  return kReasonNames[static_cast<std::size_t>(reason)];
}

}  // namespace anechoic::judge::origin
