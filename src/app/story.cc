// SPDX-License-Identifier: Apache-2.0
#include "app/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/reason_words.h"
#include "observe/escape.h"
#include "outside/store/journal_files.h"

namespace anechoic::app {

namespace {

using observe::escape;

std::string how_long(std::chrono::microseconds took) {
  if (took < std::chrono::seconds(1)) return fmt::format("{} ms", took.count() / 1000);
  return fmt::format("{:.1f} s", std::chrono::duration<double>(took).count());
}

bool has_message(const store::StoredRow& row) {
  return !row.reverse_path.empty();
}

std::string outcome_words(const store::StoredRow& row) {
  if (row.action == "accept")
    return has_message(row) && row.accepted > 0 ? "It was delivered." : "Nothing was refused.";
  if (row.action == "reject") return "It was refused for good; the sender's own server knows it and tells the sender.";
  if (row.action == "defer") return "It was put off; the sending server keeps it and tries again.";
  if (row.action == "quarantine") return "It was accepted and put into quarantine.";
  if (row.action == "suppress") return "It was not sent on, and is kept in quarantine.";
  return "What became of it: " + escape(row.action) + '.';
}

void tell_client(std::string& out, const store::StoredRow& row) {
  if (row.client.empty()) return;
  out += fmt::format("The client {} ", escape(row.client));
  if (!row.client_name.empty()) out += fmt::format("({}) ", escape(row.client_name));
  if (row.helo.empty()) {
    out += "gave no name";
  } else {
    out += fmt::format("called itself {}", observe::quote_if_needed(row.helo));
  }
  out += row.tls ? " and spoke TLS.\n" : " and spoke without TLS.\n";
  if (!row.relayed_client.empty())
    out += fmt::format("It is a trusted relay; it had the message from {}.\n", escape(row.relayed_client));
}

void tell_message(std::string& out, const store::StoredRow& row) {
  if (!has_message(row)) {
    out += "It began no message in this session.\n";
    return;
  }
  out += row.reverse_path == "<>" ? "The message had the null sender <>, as bounces have"
                                  : fmt::format("The message came from {}", escape(row.reverse_path));
  if (row.octets > 0) out += fmt::format(", had {} octets", row.octets);
  if (!row.message_id.empty()) out += fmt::format(", and the Message-ID {}", escape(row.message_id));
  out += ".\n";
}

void tell_kind(std::string& out, const store::StoredRow& row) {
  if (row.kind.empty()) return;
  out += fmt::format("\nIts kind: {}{}{}.\n", escape(row.kind), row.automatic ? ", which is automatic mail" : "",
                     row.phrases_only ? ", by phrases alone" : "");
  for (const store::StoredReason& signal : row.signals)
    out += fmt::format("  {}{}{}\n", escape(signal.name), signal.detail.empty() ? "" : ": ", escape(signal.detail));
}

// One check in words; its texts are the network's.
std::string check_words(const store::StoredSender::Check& check) {
  std::string words = escape(check.method) + ' ' + escape(check.result);
  if (!check.domain.empty()) words += fmt::format(" for {}", escape(check.domain));
  if (!check.detail.empty()) words += fmt::format(" ({})", escape(check.detail));
  return words;
}

void tell_sender(std::string& out, const store::StoredRow& row) {
  if (!row.sender) return;
  out += "\nWho really sent it:\n";
  for (const store::StoredSender::Check& check : row.sender->checks) out += "  " + check_words(check) + '\n';
  for (const store::StoredSender::Proved& proved : row.sender->proved)
    out += fmt::format("  {} ({}) is proved by {} of {}.\n", escape(proved.address), escape(proved.place),
                       escape(proved.by), escape(proved.domain));
  for (const store::StoredSender::NotProved& one : row.sender->not_proved)
    out += fmt::format("  {} ({}) {}: {}\n", escape(one.address), escape(one.place),
                       one.value == "no" ? "is not proved" : "could not be checked", escape(one.because));
}

nlohmann::ordered_json to_json(const store::StoredSender& sender) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const auto& check : sender.checks)
    checks.push_back(
        {{"method", check.method}, {"result", check.result}, {"domain", check.domain}, {"detail", check.detail}});
  nlohmann::ordered_json proved = nlohmann::ordered_json::array();
  for (const auto& one : sender.proved)
    proved.push_back({{"address", one.address}, {"place", one.place}, {"by", one.by}, {"domain", one.domain}});
  nlohmann::ordered_json not_proved = nlohmann::ordered_json::array();
  for (const auto& one : sender.not_proved)
    not_proved.push_back(
        {{"address", one.address}, {"place", one.place}, {"value", one.value}, {"because", one.because}});
  return {{"checks", std::move(checks)}, {"proved", std::move(proved)}, {"not_proved", std::move(not_proved)}};
}

void tell_recipients(std::string& out, const store::StoredRow& row) {
  if (row.recipients.empty() && row.accepted + row.refused == 0) return;
  out += fmt::format("\nRecipients: {} accepted, {} refused.\n", row.accepted, row.refused);
  std::size_t named_refused = 0;
  for (const store::StoredRecipient& recipient : row.recipients) {
    if (!recipient.accepted) ++named_refused;
    out += fmt::format("  {}  {}  {}\n", recipient.accepted ? "accepted" : "refused ", escape(recipient.address),
                       escape(recipient.reply));
    if (!recipient.reason.empty())
      out += fmt::format("            {}: {}\n", escape(recipient.reason), sentence_of(recipient.reason));
  }
  if (row.refused <= named_refused) return;
  out += fmt::format("  and {} more, not named. All refused ones by reason:\n", row.refused - named_refused);
  for (const auto& [reason, count] : row.refused_by_reason)
    out += fmt::format("            {} {}: {}\n", count, escape(reason), sentence_of(reason));
}

void tell_reasons(std::string& out, const store::StoredRow& row) {
  if (row.reasons.empty()) return;
  out += "\nWhy:\n";
  for (const store::StoredReason& reason : row.reasons) {
    out += fmt::format("  {}: {}\n", escape(reason.name), sentence_of(reason.name));
    if (!reason.detail.empty()) out += fmt::format("      {}\n", escape(reason.detail));
  }
}

}  // namespace

std::string tell(const store::StoredRow& row) {
  std::string out = fmt::format("{}  {}, took {}, by the {} door\n\n", escape(row.id), store::to_utc(row.at),
                                how_long(row.took), escape(row.door));
  tell_client(out, row);
  tell_message(out, row);
  if (!row.backend.empty()) {
    out += fmt::format("The backend was {}", escape(row.backend));
    if (row.failovers > 0) out += fmt::format(", after {} lost or failed connections", row.failovers);
    out += ".\n";
  }
  tell_kind(out, row);
  tell_sender(out, row);
  tell_recipients(out, row);
  out += '\n' + outcome_words(row) + '\n';
  if (!row.reply.empty()) out += fmt::format("The last answer was: {}\n", escape(row.reply));
  if (row.in_doubt)
    out += "The backend was given the whole message and did not answer, so it may have a copy all the same.\n";
  tell_reasons(out, row);
  return out;
}

std::string one_line(const store::StoredRow& row) {
  std::string line = fmt::format("{} {} {:<6} {}", store::to_utc(row.at), escape(row.id), escape(row.action),
                                 row.client.empty() ? "-" : escape(row.client));
  if (has_message(row)) {
    line += ' ' + observe::quote_if_needed(row.reverse_path) + " ->";
    const std::size_t all = row.accepted + row.refused;
    if (row.recipients.empty()) {
      line += fmt::format(" {} recipients", all);
    } else {
      // A refused one beside an accepted message would read as if it had got it.
      const auto accepted = std::ranges::find(row.recipients, true, &store::StoredRecipient::accepted);
      const store::StoredRecipient& named = accepted != row.recipients.end() ? *accepted : row.recipients.front();
      line += ' ' + observe::quote_if_needed(named.address);
      if (all > 1) line += fmt::format(" (+{})", all - 1);
    }
  }
  if (!row.reasons.empty()) line += ' ' + escape(row.reasons.front().name);
  if (!row.reply.empty()) line += ' ' + observe::quote(row.reply);
  return line;
}

nlohmann::ordered_json to_json(const store::StoredRow& row) {
  nlohmann::ordered_json recipients = nlohmann::ordered_json::array();
  for (const store::StoredRecipient& recipient : row.recipients)
    recipients.push_back({{"address", recipient.address},
                          {"accepted", recipient.accepted},
                          {"reason", recipient.reason},
                          {"reply", recipient.reply}});
  nlohmann::ordered_json signals = nlohmann::ordered_json::array();
  for (const store::StoredReason& signal : row.signals)
    signals.push_back({{"name", signal.name}, {"detail", signal.detail}});
  nlohmann::ordered_json reasons = nlohmann::ordered_json::array();
  for (const store::StoredReason& reason : row.reasons)
    reasons.push_back(
        {{"name", reason.name}, {"detail", reason.detail}, {"sentence", std::string(sentence_of(reason.name))}});
  return {{"id", row.id},
          {"at", store::to_utc(row.at)},
          {"took_ms", static_cast<double>(row.took.count()) / 1000.0},
          {"door", row.door},
          {"client", row.client},
          {"port", row.port},
          {"client_name", row.client_name},
          {"relayed_client", row.relayed_client},
          {"helo", row.helo},
          {"tls", row.tls},
          {"reverse_path", row.reverse_path},
          {"message_id", row.message_id},
          {"octets", row.octets},
          {"kind", row.kind.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.kind)},
          {"automatic", row.kind.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.automatic)},
          {"phrases_only", row.kind.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.phrases_only)},
          {"signals", std::move(signals)},
          {"sender", row.sender ? to_json(*row.sender) : nlohmann::ordered_json()},
          {"action", row.action},
          {"reply", row.reply},
          {"reasons", std::move(reasons)},
          {"accepted", row.accepted},
          {"refused", row.refused},
          {"refused_by_reason", row.refused_by_reason},
          {"recipients", std::move(recipients)},
          {"backend", row.backend},
          {"in_doubt", row.in_doubt},
          {"failovers", row.failovers}};
}

}  // namespace anechoic::app
