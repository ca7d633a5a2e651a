// SPDX-License-Identifier: Apache-2.0
#include "app/classify_story.h"

#include <nlohmann/json.hpp>

#include "mail/date.h"
#include "mail/dsn/reason.h"

namespace anechoic::app {

namespace {

using nlohmann::ordered_json;
using Recipient = mail::dsn::Recipient;

ordered_json text_or_null(std::string_view text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json recipient_json(const Recipient& recipient) {
  const bool known = recipient.reason != mail::dsn::Reason::Undefined;
  return {{"final", text_or_null(recipient.final)},
          {"original", text_or_null(recipient.original)},
          {"action", text_or_null(to_string(recipient.action))},
          {"status", text_or_null(recipient.status)},
          {"reply_code", text_or_null(recipient.reply_code)},
          {"reason", known ? ordered_json(to_string(recipient.reason)) : ordered_json(nullptr)},
          {"hard", recipient.hard ? ordered_json(*recipient.hard) : ordered_json(nullptr)},
          {"diagnostic", text_or_null(recipient.diagnostic)},
          {"remote_mta", text_or_null(recipient.remote_mta)}};
}

// A terminal obeys control characters, and readers are misled by those that turn the direction of text: none is left.
std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const auto next = [&text, i](std::size_t n) {
      return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U;
    };
    if (octet < 0x20 || octet == 0x7F) {
      out += ' ';
    } else if (octet == 0xC2 && next(1) < 0xA0) {
      out += '?';
      ++i;
    } else if (octet == 0xE2 && next(1) == 0x80 && next(2) >= 0xAA && next(2) <= 0xAE) {
      out += '?';
      i += 2;
    } else if (octet == 0xE2 && next(1) == 0x81 && next(2) >= 0xA6 && next(2) <= 0xA9) {
      out += '?';
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// What a person calls the kind.
std::string_view words_for(judge::Kind kind) {
  switch (kind) {
    case judge::Kind::Dsn:
      return "a bounce (delivery report)";
    case judge::Kind::Mdn:
      return "a receipt (disposition notification)";
    case judge::Kind::AutoReply:
      return "an automatic reply";
    case judge::Kind::Challenge:
      return "a challenge: it asks the sender to confirm that he sent something";
    case judge::Kind::VirusNotice:
      return "a virus or content notice";
    case judge::Kind::SubscriptionConfirm:
      return "a request to confirm a subscription";
    case judge::Kind::CommandAnswer:
      return "an answer of a list manager or robot";
    case judge::Kind::Report:
      return "a feedback, DMARC or TLS report";
    case judge::Kind::List:
      return "mail of a mailing list";
    case judge::Kind::Bulk:
      return "bulk mail";
    case judge::Kind::Ordinary:
      return "ordinary mail";
  }
  return "";
}

std::string tell_recipient(const Recipient& recipient) {
  std::string line = "  " + printable(recipient.final.empty() ? recipient.original : recipient.final);
  if (recipient.final.empty() && recipient.original.empty()) line += "(a recipient it does not name)";
  std::string what(to_string(recipient.action));
  const auto append = [&what](std::string_view text) {
    if (text.empty()) return;
    if (!what.empty()) what += ", ";
    what += text;
  };
  if (recipient.reason != mail::dsn::Reason::Undefined) append(to_string(recipient.reason));
  if (recipient.hard) append(*recipient.hard ? "hard" : "soft");
  std::string codes = recipient.reply_code;
  if (!codes.empty() && !recipient.status.empty()) codes += ' ';
  append(codes + recipient.status);
  if (!what.empty()) line += ": " + printable(what);
  line += '\n';
  if (!recipient.diagnostic.empty()) line += "    " + printable(recipient.diagnostic) + '\n';
  return line;
}

std::string tell_original(const mail::dsn::Original& original) {
  if (original.message_id.empty() && original.from.empty() && original.envelope_from.empty() && !original.date)
    return "";
  std::string line = "  it answers";
  if (!original.message_id.empty()) line += ' ' + original.message_id;
  if (!original.from.empty()) line += " from " + original.from;
  if (!original.envelope_from.empty() && original.envelope_from != original.from)
    line += " (envelope " + original.envelope_from + ')';
  if (original.date) line += " of " + mail::format_rfc3339(*original.date);
  return printable(line) + '\n';
}

}  // namespace

ordered_json to_json(std::string_view file, const judge::Classification& classification) {
  const mail::dsn::Bounce& bounce = classification.bounce;
  ordered_json signals = ordered_json::array();
  for (const judge::Signal& signal : classification.signals)
    signals.push_back({{"name", signal.name}, {"detail", text_or_null(signal.detail)}});
  ordered_json recipients = ordered_json::array();
  for (const Recipient& recipient : bounce.recipients) recipients.push_back(recipient_json(recipient));
  const mail::dsn::Original& original = bounce.original;
  return {{"file", file},
          {"kind", to_string(classification.kind)},
          {"automatic", classification.automatic},
          {"signals", std::move(signals)},
          {"dsn",
           {{"action", text_or_null(to_string(bounce.action))},
            {"reporting_mta", text_or_null(bounce.reporting_mta)},
            {"recipients", std::move(recipients)},
            {"dialect", text_or_null(bounce.dialect)}}},
          {"original",
           {{"message_id", text_or_null(original.message_id)},
            {"from", text_or_null(original.from)},
            {"envelope_from", text_or_null(original.envelope_from)},
            {"date", original.date ? ordered_json(mail::format_rfc3339(*original.date)) : ordered_json(nullptr)},
            {"to", text_or_null(original.to)},
            {"subject", text_or_null(original.subject)}}},
          {"phrases_only", classification.phrases_only},
          {"language", text_or_null(classification.language)}};
}

std::string tell(std::string_view file, const judge::Classification& classification) {
  const mail::dsn::Bounce& bounce = classification.bounce;
  std::string out = printable(file) + ": " + std::string(to_string(classification.kind)) + " - " +
                    std::string(words_for(classification.kind)) + '\n';
  if (!bounce.reporting_mta.empty()) out += "  reported by " + printable(bounce.reporting_mta) + '\n';
  for (const Recipient& recipient : bounce.recipients) out += tell_recipient(recipient);
  out += tell_original(bounce.original);
  for (const judge::Signal& signal : classification.signals) {
    out += "  because " + std::string(signal.name);
    if (!signal.detail.empty()) out += ": " + printable(signal.detail);
    out += '\n';
  }
  if (classification.phrases_only) out += "  this rests on words alone, which anybody may write\n";
  return out;
}

}  // namespace anechoic::app
