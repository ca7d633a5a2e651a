// SPDX-License-Identifier: Apache-2.0
#include "auth/authentication_results.h"

#include <algorithm>

namespace anechoic::auth {

namespace {

using Result = mail::AuthenticationResults::Result;

Result spf_result(const spf::Outcome& outcome) {
  Result out{.method = "spf", .result = std::string(spf::to_string(outcome.result))};
  if (outcome.result == spf::Result::TempError || outcome.result == spf::Result::PermError) {
    out.reason = outcome.problem;
  }
  out.properties.push_back({"smtp", outcome.identity == spf::Identity::Helo ? "helo" : "mailfrom", outcome.domain});
  return out;
}

Result dkim_result(const dkim::Outcome& outcome) {
  Result out{.method = "dkim", .result = std::string(dkim::to_string(outcome.result)), .reason = outcome.reason};
  if (outcome.partial_body && out.reason.empty()) out.reason = "l= covers only a part of the body";
  out.properties = {{"header", "d", outcome.domain},
                    {"header", "s", outcome.selector},
                    {"header", "a", outcome.algorithm},
                    {"header", "b", outcome.signature_head}};
  return out;
}

Result dmarc_result(const dmarc::Outcome& outcome) {
  Result out{.method = "dmarc", .result = std::string(dmarc::to_string(outcome.result)), .reason = outcome.reason};
  out.properties.push_back({"header", "from", outcome.from_domain});
  if (outcome.result == dmarc::Result::Fail && outcome.policy) {
    out.properties.push_back({"policy", "dmarc", std::string(dmarc::to_string(*outcome.policy))});
  }
  return out;
}

Result arc_result(const arc::Outcome& outcome) {
  Result out{.method = "arc", .result = std::string(arc::to_string(outcome.result)), .reason = outcome.reason};
  if (outcome.result == arc::Result::Pass) {
    out.properties.push_back({"header", "oldest-pass", std::to_string(outcome.oldest_pass)});
  }
  return out;
}

}  // namespace

mail::AuthenticationResults results_of(const Evidence& evidence, std::string_view authserv_id) {
  mail::AuthenticationResults out{.authserv_id = std::string(authserv_id)};
  if (evidence.spf) out.results.push_back(spf_result(*evidence.spf));
  if (evidence.helo) out.results.push_back(spf_result(*evidence.helo));
  if (evidence.dkim) {
    if (evidence.dkim->empty()) out.results.push_back({.method = "dkim", .result = "none"});
    const std::size_t shown = std::min(evidence.dkim->size(), kMostSignatures);
    for (std::size_t i = 0; i < shown; ++i) out.results.push_back(dkim_result((*evidence.dkim)[i]));
  }
  if (evidence.dmarc) out.results.push_back(dmarc_result(*evidence.dmarc));
  // RFC 8617 10.1 has no word for a failed look-up, and "fail" would say too much.
  if (evidence.arc && evidence.arc->result != arc::Result::TempError) out.results.push_back(arc_result(*evidence.arc));
  return out;
}

std::string write_results(const Evidence& evidence, std::string_view authserv_id) {
  return mail::write_authentication_results(results_of(evidence, authserv_id));
}

}  // namespace anechoic::auth
