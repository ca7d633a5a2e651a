// SPDX-License-Identifier: Apache-2.0
// What is this message? One pure function over what mail/ has read: the same for every door.
//
// Each signal is named and shown; kinds that rest on phrases alone say so (R21). The classifier never says whether a
// bounce is genuine: that is origin's question.
//
//   mail::Message message = mail::scan_message(bytes);
//   Classification c = classifier.classify({.message = message, .envelope_from = "", ...});
//
// Threads: a Classifier is constant once made and may be shared. Cost: one pass, linear in the header and the first
// kTextBytes of decoded text. As a library: docs/howto/classify-library.md.
//                                              RFC 3834, 5230, 2919; standards 5.3
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/dsn/bounce.h"
#include "mail/mime/message.h"

namespace anechoic::judge {

enum class Kind : std::uint8_t {
  Dsn,
  Mdn,
  AutoReply,
  Challenge,
  VirusNotice,
  SubscriptionConfirm,
  CommandAnswer,
  Report,
  List,
  Bulk,
  Ordinary,
};
inline constexpr std::array kEveryKind{
    Kind::Dsn,           Kind::Mdn,    Kind::AutoReply, Kind::Challenge, Kind::VirusNotice, Kind::SubscriptionConfirm,
    Kind::CommandAnswer, Kind::Report, Kind::List,      Kind::Bulk,      Kind::Ordinary};
[[nodiscard]] std::string_view to_string(Kind kind);  // "dsn", "auto-reply" ...
[[nodiscard]] std::optional<Kind> kind_from(std::string_view name);
// dsn, mdn, auto-reply, challenge, virus-notice, subscription-confirm, command-answer and report.
[[nodiscard]] bool is_automatic(Kind kind);

struct Signal {
  std::string_view name;  // closed set: judge/kind/signals.h
  std::string detail;     // what was seen, UTF-8, at most 200 octets

  friend bool operator==(const Signal&, const Signal&) = default;
};

struct Classification {
  Kind kind = Kind::Ordinary;
  bool automatic = false;
  bool phrases_only = false;  // rests on phrases alone: R21
  std::string language;       // of the phrases that spoke, ISO 639-1; "" = none
  std::vector<Signal> signals;
  mail::dsn::Bounce bounce;  // what it reports; type None where it reports nothing
};

struct ClassifierInput {
  const mail::Message& message;
  // Without < and >; "" = the null sender; nothing = not known (then Return-Path is looked at).
  std::optional<std::string> envelope_from;
};

class Classifier {
 public:
  static constexpr std::size_t kTextBytes = 8 * 1024;

  Classifier();  // compiles the phrases
  ~Classifier();
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;

  [[nodiscard]] Classification classify(const ClassifierInput& input) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::judge
