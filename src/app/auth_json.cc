// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "app/auth_output.h"
#include "mail/date.h"

namespace anechoic::app {

namespace {

using nlohmann::ordered_json;

ordered_json text_or_null(std::string_view text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json spf_json(const std::optional<auth::spf::Outcome>& outcome) {
  if (!outcome) return nullptr;
  return {{"result", to_string(outcome->result)},
          {"domain", text_or_null(outcome->domain)},
          {"explanation", text_or_null(outcome->explanation)},
          {"term", text_or_null(outcome->term)},
          {"term_domain", text_or_null(outcome->term_domain)},
          {"record", text_or_null(outcome->record)},
          {"problem", text_or_null(outcome->problem)},
          {"lookup_terms", outcome->lookup_terms},
          {"void_lookups", outcome->void_lookups}};
}

ordered_json signature_json(const auth::dkim::Outcome& outcome) {
  return {{"result", to_string(outcome.result)},
          {"reason", text_or_null(outcome.reason)},
          {"domain", text_or_null(outcome.domain)},
          {"selector", text_or_null(outcome.selector)},
          {"algorithm", text_or_null(outcome.algorithm)},
          {"identity", text_or_null(outcome.identity)},
          {"key_bits", outcome.key_bits == 0 ? ordered_json(nullptr) : ordered_json(outcome.key_bits)},
          {"partial_body", outcome.partial_body},
          {"testing", outcome.testing},
          {"signed_headers", outcome.signed_headers},
          {"signed_at",
           outcome.signed_at ? ordered_json(mail::format_rfc3339(*outcome.signed_at)) : ordered_json(nullptr)}};
}

ordered_json dkim_json(const std::optional<std::vector<auth::dkim::Outcome>>& outcomes) {
  if (!outcomes) return nullptr;
  ordered_json out = ordered_json::array();
  for (const auth::dkim::Outcome& outcome : *outcomes) out.push_back(signature_json(outcome));
  return out;
}

ordered_json policy_json(const std::optional<auth::dmarc::Policy>& policy) {
  return policy ? ordered_json(to_string(*policy)) : ordered_json(nullptr);
}

ordered_json dmarc_json(const std::optional<auth::dmarc::Outcome>& outcome) {
  if (!outcome) return nullptr;
  return {{"result", to_string(outcome->result)},
          {"policy", policy_json(outcome->policy)},
          {"domain", text_or_null(outcome->domain)},
          {"aligned", {{"spf", outcome->spf_aligned}, {"dkim", outcome->dkim_aligned}}},
          {"from", text_or_null(outcome->from_domain)},
          {"organizational_domain", text_or_null(outcome->organizational)},
          {"published", policy_json(outcome->published)},
          {"testing", outcome->testing},
          {"record", text_or_null(outcome->record)},
          {"reason", text_or_null(outcome->reason)}};
}

ordered_json arc_json(const std::optional<auth::arc::Outcome>& outcome) {
  if (!outcome) return nullptr;
  return {{"result", to_string(outcome->result)},
          {"reason", text_or_null(outcome->reason)},
          {"sealers", outcome->sealers},
          {"oldest_pass", outcome->result == auth::arc::Result::Pass ? ordered_json(outcome->oldest_pass) : nullptr}};
}

}  // namespace

ordered_json auth_json(const auth::Evidence& evidence) {
  ordered_json proved = ordered_json::array();
  for (const auth::Proved& one : evidence.proved) {
    proved.push_back({{"address", one.address},
                      {"by", to_string(one.by)},
                      {"place", to_string(one.place)},
                      {"domain", text_or_null(one.domain)}});
  }
  ordered_json not_proved = ordered_json::array();
  for (const auth::NotProved& one : evidence.not_proved) {
    not_proved.push_back({{"address", one.address},
                          {"value", to_string(one.value)},
                          {"because", one.because},
                          {"place", to_string(one.place)}});
  }
  return {{"spf", spf_json(evidence.spf)},  {"dkim", dkim_json(evidence.dkim)}, {"dmarc", dmarc_json(evidence.dmarc)},
          {"arc", arc_json(evidence.arc)},  {"proved", std::move(proved)},      {"not_proved", std::move(not_proved)},
          {"helo", spf_json(evidence.helo)}};
}

}  // namespace anechoic::app
