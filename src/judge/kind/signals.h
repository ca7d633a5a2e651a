// SPDX-License-Identifier: Apache-2.0
// The names of everything the classifier goes by: a closed set. docs/formats/classify.md has the same table for
// readers, and a test holds the two together.
//
// A signal says what was seen, never what follows from it: `null-sender` is true of bounces, receipts and some vacation
// replies alike; decide.cc weighs them.   Threads: constants.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace anechoic::judge {

enum class SignalId : std::uint8_t {
  None,
  // report type
  DsnReport,
  MdnReport,
  FeedbackReport,
  DmarcReport,
  TlsReport,
  BrokenReport,
  BounceDialect,
  SieveReject,
  // envelope
  NullSender,
  RobotEnvelope,
  // standard headers
  AutoSubmitted,
  ListHeader,
  ListUnsubscribe,
  // headers that no standard knows
  Precedence,
  AutoReplyHeader,
  BounceHeader,
  ChallengeHeader,
  VirusHeader,
  ReportHeader,
  ListAdminHeader,
  ListSoftware,
  BulkHeader,
  SuppressHeader,
  MachineHeader,
  TrackerHeader,
  HumanClient,
  // senders and subject
  RobotSender,
  ScannerSender,
  ChallengeSender,
  ListRobotSender,
  AutoresponderSender,
  NoReplySender,
  ReplySubject,
  ForwardSubject,
  AnswersMessage,
  // structure
  ReturnedMessage,
  EnclosedReport,
  QuotedText,
  Links,
  // text
  PhraseDsn,
  PhraseMdn,
  PhraseAutoReply,
  PhraseChallenge,
  PhraseVirusNotice,
  PhraseSubscriptionConfirm,
  PhraseCommandAnswer,
  PhraseReport,
  PhraseLure,
  // conclusions that are worth a name
  DressedAsBounce,
  Count,
};

struct SignalInfo {
  SignalId id;
  std::string_view name;
  std::string_view meaning;
};

// In the order of SignalId, without None and Count.
[[nodiscard]] const std::array<SignalInfo, static_cast<std::size_t>(SignalId::Count) - 1>& all_signals();
[[nodiscard]] std::string_view to_string(SignalId id);  // None: ""

}  // namespace anechoic::judge
