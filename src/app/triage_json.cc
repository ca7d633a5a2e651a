// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "app/triage_output.h"
#include "mail/date.h"

namespace anechoic::app {
namespace {

using nlohmann::ordered_json;
using triage::Origin;

constexpr std::size_t kTop = 50;

ordered_json text_or_null(std::string_view text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json time_or_null(const std::optional<WallTime>& at) {
  return at ? ordered_json(mail::format_rfc3339(*at)) : ordered_json();
}

ordered_json top_of(const triage::Tally& tally) {
  ordered_json list = ordered_json::array();
  for (const auto& [name, count] : tally.top(kTop)) list.push_back({{"name", name}, {"count", count}});
  return list;
}

ordered_json counts_of(const triage::Findings& findings, judge::Kind kind) {
  return {{"messages", findings.of(kind)},
          {"ours", findings.of(kind, Origin::Ours)},
          {"not_ours", findings.of(kind, Origin::NotOurs)},
          {"unknown", findings.of(kind, Origin::Unknown)}};
}

ordered_json to_json(const triage::Genuine& genuine) {
  return {{"mailbox", genuine.mailbox},
          {"place", genuine.place},
          {"kind", judge::to_string(genuine.kind)},
          {"at", time_or_null(genuine.at)},
          {"recipient", text_or_null(genuine.recipient)},
          {"action", text_or_null(genuine.action)},
          {"reason",
           genuine.kind == judge::Kind::Dsn ? text_or_null(mail::dsn::to_string(genuine.reason)) : ordered_json()},
          {"hard", genuine.hard ? ordered_json(*genuine.hard) : ordered_json()},
          {"status", text_or_null(genuine.status)},
          {"reply_code", text_or_null(genuine.reply_code)},
          {"diagnostic", text_or_null(genuine.diagnostic)},
          {"reporting_mta", text_or_null(genuine.reported_by)},
          {"subject", text_or_null(genuine.subject)},
          {"message_id", text_or_null(genuine.message_id)},
          {"why", triage::to_string(genuine.why)},
          {"advice", triage::advice(genuine)}};
}

ordered_json to_json(const triage::MailboxResult& mailbox) {
  return {{"path", mailbox.path},
          {"format", mailbox.format},
          {"messages", mailbox.messages},
          {"false", mailbox.false_answers},
          {"moved", mailbox.moved},
          {"target", text_or_null(mailbox.target)},
          {"changed_meanwhile", mailbox.gone},
          {"restored", mailbox.restored},
          {"missing", mailbox.missing},
          {"notes", mailbox.notes}};
}

}  // namespace

ordered_json triage_json(const triage::Findings& findings) {
  ordered_json json;
  json["messages"] = findings.messages;
  json["bytes"] = findings.bytes;
  json["false"] = findings.of(Origin::NotOurs);
  json["origins"] = {{"ours", findings.of(Origin::Ours)},
                     {"not_ours", findings.of(Origin::NotOurs)},
                     {"unknown", findings.of(Origin::Unknown)}};
  ordered_json& kinds = json["kinds"] = ordered_json::object();
  for (std::size_t index = 0; index < triage::kKinds; ++index) {
    const auto kind = static_cast<judge::Kind>(index);
    kinds[std::string(judge::to_string(kind))] = counts_of(findings, kind);
  }
  json["genuine"] = ordered_json::array();
  for (const triage::Genuine& genuine : findings.genuine) json["genuine"].push_back(to_json(genuine));
  json["genuine_not_listed"] = findings.of(Origin::Ours) - findings.genuine.size();
  json["why"] = top_of(findings.why);
  json["sources"] = top_of(findings.sources);
  json["reasons"] = top_of(findings.reasons);
  json["languages"] = top_of(findings.languages);
  json["me"] = findings.me;
  json["me_guessed"] = findings.me_guessed;
  json["proposals"] = findings.proposals;
  json["sent"] = {{"messages", findings.sent},
                  {"whole", findings.sent_whole},
                  {"from", findings.sent_span ? time_or_null(findings.sent_span->first) : ordered_json()},
                  {"until", findings.sent_span ? time_or_null(findings.sent_span->second) : ordered_json()}};
  json["mailboxes"] = ordered_json::array();
  for (const triage::MailboxResult& mailbox : findings.mailboxes) json["mailboxes"].push_back(to_json(mailbox));
  json["failures"] = findings.failures;
  return json;
}

}  // namespace anechoic::app
