// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/check.h"

#include <algorithm>

#include "auth/spf/evaluation.h"
#include "auth/spf/target.h"
#include "wire/dns/idn.h"

namespace anechoic::auth::spf {
namespace {

constexpr std::size_t kExplanation = 500;
constexpr std::size_t kProblem = 500;

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 127; });
}

// RFC 8616 4: U-labels are made A-labels before anything is done with them. What is no such name stays as it is.
void use_a_labels(std::string& domain) {
  if (is_ascii(domain)) return;
  if (auto converted = dns::to_a_labels(domain)) domain = std::move(*converted);
}

}  // namespace

std::string_view to_string(Result result) {
  switch (result) {
    case Result::None:
      return "none";
    case Result::Neutral:
      return "neutral";
    case Result::Pass:
      return "pass";
    case Result::Fail:
      return "fail";
    case Result::SoftFail:
      return "softfail";
    case Result::TempError:
      return "temperror";
    case Result::PermError:
      return "permerror";
  }
  return "";
}

Question mail_from_question(const ip::Address& client, std::string helo, const mail::ReversePath& path, WallTime now) {
  Question question{.client = client, .helo = std::move(helo), .domain = {}, .now = now};
  if (path.is_null()) {
    question.domain = question.helo;
  } else {
    question.local = path.mailbox->local;
    question.domain = path.mailbox->domain;
  }
  return question;
}

Task<std::string> Evaluation::explain(std::string domain_spec, std::string domain) {
  if (domain_spec.empty() || co_await prepare(domain_spec, domain, false) != Match::No) {
    co_return options_.default_explanation;
  }
  const auto name = query_name(target_name(domain_spec, values(domain)));
  if (!name) co_return options_.default_explanation;
  const SharedAnswer answer = co_await lookups_.ask(*name, dns::Type::Txt);
  const auto* const text = answer->records.size() == 1 ? std::get_if<dns::Txt>(&answer->records.front()) : nullptr;
  if (text == nullptr || !check_macro_string(text->text, MacroUse::Explanation) ||
      co_await prepare(text->text, domain, false) != Match::No) {
    co_return options_.default_explanation;
  }
  co_return printable(expand(text->text, values(domain), kExplanation), kExplanation);
}

Task<Outcome> check_host(Lookups& lookups, Question question, Options options) {
  Outcome outcome;
  outcome.identity = question.identity;
  outcome.domain = question.domain;
  if (question.local.empty()) question.local = "postmaster";
  use_a_labels(question.domain);
  use_a_labels(question.helo);
  if (question.domain.ends_with('.')) question.domain.pop_back();

  Evaluation evaluation(lookups, question, options);
  Verdict verdict = co_await evaluation.run(question.domain);
  outcome.lookup_terms = evaluation.lookup_terms();
  outcome.void_lookups = evaluation.void_lookups();
  if (verdict.result == Result::Fail) {
    outcome.explanation = co_await evaluation.explain(std::move(verdict.exp), std::move(verdict.exp_domain));
  }
  outcome.result = verdict.result;
  outcome.term = std::move(verdict.term);
  outcome.term_domain = std::move(verdict.term_domain);
  outcome.record = std::move(verdict.record);
  outcome.problem = printable(verdict.problem, kProblem);
  co_return outcome;
}

}  // namespace anechoic::auth::spf
