// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/evaluation.h"

#include <algorithm>

#include "auth/spf/target.h"

namespace anechoic::auth::spf {
namespace {

constexpr std::size_t kShownRecord = 1024;
constexpr std::size_t kShownTerm = 256;
constexpr std::size_t kExchanges = 10;  // 4.6.4

Verdict failed(Result result, std::string problem) {
  Verdict verdict;
  verdict.result = result;
  verdict.problem = std::move(problem);
  return verdict;
}

Result result_of(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::Pass:
      return Result::Pass;
    case Qualifier::Fail:
      return Result::Fail;
    case Qualifier::SoftFail:
      return Result::SoftFail;
    case Qualifier::Neutral:
      break;
  }
  return Result::Neutral;
}

bool looks_up(Mechanism mechanism) {
  return mechanism != Mechanism::All && mechanism != Mechanism::Ip4 && mechanism != Mechanism::Ip6;
}

}  // namespace

// 4.3 to 4.5: the record of `domain`.
Task<Verdict> Evaluation::run(std::string domain) {
  const auto name = domain_name(domain);
  if (!name) co_return failed(Result::None, '"' + printable(domain, kShownTerm) + "\" is no domain name");
  SharedAnswer answer = co_await lookups_.ask(*name, dns::Type::Txt);
  if (!is_definite(answer->found)) {
    co_return failed(Result::TempError, failed_lookup(*name, dns::Type::Txt, *answer));
  }
  const std::string* text = nullptr;
  for (const dns::Rdata& one : answer->records) {
    const auto* const txt = std::get_if<dns::Txt>(&one);
    if (txt == nullptr || !is_record(txt->text)) continue;
    if (text != nullptr) co_return failed(Result::PermError, name->to_string() + " has several SPF records");
    text = &txt->text;
  }
  if (text == nullptr) {
    co_return failed(Result::None, name->to_string() +
                                       (answer->found == Found::NoSuchName ? " does not exist" : " has no SPF record"));
  }
  co_return co_await evaluate(std::move(domain), std::move(answer), *text);
}

// 4.6 and 4.7. `answer` keeps `text` alive.
Task<Verdict> Evaluation::evaluate(std::string domain, [[maybe_unused]] SharedAnswer answer, std::string_view text) {
  const auto record = parse_record(text);
  Verdict verdict;
  verdict.term_domain = printable(domain, kMaxTargetName);
  verdict.record = printable(text, kShownRecord);
  if (!record) {
    verdict.result = Result::PermError;
    verdict.problem = verdict.term_domain + ": " + record.error().detail;
    co_return verdict;
  }
  std::string_view terms = record->terms;
  while (const auto directive = next_directive(terms)) {
    Match match = Match::No;
    if (looks_up(directive->mechanism)) {
      match = co_await look_up(*directive, domain);
    } else if (directive->mechanism == Mechanism::All || directive->network.contains(question_.client)) {
      match = Match::Yes;
    }
    if (match == Match::No) continue;
    if (match != Match::Yes) {
      verdict.result = match == Match::TempError ? Result::TempError : Result::PermError;
      verdict.problem = std::move(problem_);
      co_return verdict;
    }
    // The innermost term tells more than the include that led to it, unless the include turns it into something else.
    if (directive->mechanism == Mechanism::Include && directive->qualifier == Qualifier::Pass) co_return included_;
    verdict.result = result_of(directive->qualifier);
    verdict.term = printable(directive->text, kShownTerm);
    if (verdict.result == Result::Fail && record->explanation) {
      verdict.exp = *record->explanation;
      verdict.exp_domain = std::move(domain);
    }
    co_return verdict;
  }
  if (!record->redirect) {
    verdict.result = Result::Neutral;
    co_return verdict;
  }
  Match match = count_term();
  if (match == Match::No) match = co_await prepare(*record->redirect, domain, true);
  if (match != Match::No) {
    verdict.result = match == Match::TempError ? Result::TempError : Result::PermError;
    verdict.problem = std::move(problem_);
    co_return verdict;
  }
  Verdict target = co_await run(target_name(*record->redirect, values(domain)));
  if (target.result == Result::None) {
    verdict.result = Result::PermError;  // 6.1
    verdict.problem = "redirect: " + target.problem;
    co_return verdict;
  }
  co_return target;
}

// Mechanisms that ask the DNS.
Task<Evaluation::Match> Evaluation::look_up(Directive directive, std::string_view domain) {
  if (const Match over = count_term(); over != Match::No) co_return over;
  std::string target(domain);
  if (!directive.domain_spec.empty()) {
    const Match prepared = co_await prepare(directive.domain_spec, domain, true);
    if (prepared != Match::No) co_return prepared;
    target = target_name(directive.domain_spec, values(domain));
  }
  if (directive.mechanism == Mechanism::Include) co_return co_await include(std::move(target));
  auto name = query_name(target);
  if (!name) co_return Match::No;  // 4.8
  switch (directive.mechanism) {
    case Mechanism::A:
      co_return co_await addresses(std::move(*name), directive);
    case Mechanism::Mx:
      co_return co_await exchanges(std::move(*name), directive);
    case Mechanism::Ptr:
      co_return co_await pointers(std::move(*name));
    case Mechanism::All:
    case Mechanism::Include:
    case Mechanism::Ip4:
    case Mechanism::Ip6:
    case Mechanism::Exists:
      break;
  }
  co_return co_await exists(std::move(*name));
}

Task<Evaluation::Match> Evaluation::include(std::string target) {
  Verdict verdict = co_await run(std::move(target));
  switch (verdict.result) {
    case Result::Pass:
      included_ = std::move(verdict);
      co_return Match::Yes;
    case Result::Fail:
    case Result::SoftFail:
    case Result::Neutral:
      co_return Match::No;
    case Result::TempError:
      co_return fail_with(Match::TempError, "include: " + verdict.problem);
    case Result::PermError:
    case Result::None:
      break;
  }
  co_return fail_with(Match::PermError, "include: " + verdict.problem);
}

Task<Evaluation::Match> Evaluation::addresses(dns::Name name, Directive directive) {
  const SharedAnswer answer = co_await lookups_.ask(name, address_type());
  const Match settled = settle(name, address_type(), *answer);
  if (settled != Match::No) co_return settled;
  co_return holds_client(*answer, directive) ? Match::Yes : Match::No;
}

Task<Evaluation::Match> Evaluation::exchanges(dns::Name name, Directive directive) {
  const SharedAnswer answer = co_await lookups_.ask(name, dns::Type::Mx);
  const Match settled = settle(name, dns::Type::Mx, *answer);
  if (settled != Match::No) co_return settled;
  // Whichever of them would match: the DNS gives them in any order.
  if (answer->records.size() > kExchanges) {
    co_return fail_with(Match::PermError, name.to_string() + " has more than 10 MX records");
  }
  for (const dns::Rdata& one : answer->records) {
    const auto* const mx = std::get_if<dns::Mx>(&one);
    if (mx == nullptr || mx->exchange.is_root()) continue;
    const SharedAnswer hosts = co_await lookups_.ask(mx->exchange, address_type());
    if (!is_definite(hosts->found)) {
      co_return fail_with(Match::TempError, failed_lookup(mx->exchange, address_type(), *hosts));
    }
    if (holds_client(*hosts, directive)) co_return Match::Yes;
  }
  co_return Match::No;
}

// 5.7: always of type A.
Task<Evaluation::Match> Evaluation::exists(dns::Name name) {
  const SharedAnswer answer = co_await lookups_.ask(name, dns::Type::A);
  const Match settled = settle(name, dns::Type::A, *answer);
  if (settled != Match::No) co_return settled;
  co_return answer->records.empty() ? Match::No : Match::Yes;
}

bool Evaluation::holds_client(const Answer& answer, const Directive& directive) const {
  return std::ranges::any_of(answer.records, [&](const dns::Rdata& one) {
    const auto* const address = std::get_if<ip::Address>(&one);
    if (address == nullptr) return false;
    const bool v4 = address->is_v4();
    return Cidr{address->octets(), v4, v4 ? directive.bits4 : directive.bits6}.contains(question_.client);
  });
}

MacroValues Evaluation::values(std::string_view domain) const {
  return {.local = question_.local,
          .sender_domain = question_.domain,
          .domain = domain,
          .client = question_.client,
          .validated = validated_,
          .helo = question_.helo,
          .receiver = options_.receiver,
          .now = question_.now};
}

Evaluation::Match Evaluation::count_term() {
  if (++lookup_terms_ <= options_.lookup_terms) return Match::No;
  return fail_with(Match::PermError, "more than " + std::to_string(options_.lookup_terms) + " terms that ask the DNS");
}

// 4.6.4: a term is void if the look-up of its target is; those of hosts that an MX record names are not counted, else
// IPv4-only hosts would break a record for every IPv6 client.
Evaluation::Match Evaluation::settle(const dns::Name& name, dns::Type type, const Answer& answer) {
  if (!is_definite(answer.found)) return fail_with(Match::TempError, failed_lookup(name, type, answer));
  if (!answer.records.empty()) return Match::No;
  if (++void_lookups_ <= options_.void_lookups) return Match::No;
  return fail_with(Match::PermError, "more than " + std::to_string(options_.void_lookups) +
                                         " terms that find nothing in the DNS, the last is " + name.to_string());
}

Evaluation::Match Evaluation::fail_with(Match kind, std::string problem) {
  problem_ = std::move(problem);
  return kind;
}

}  // namespace anechoic::auth::spf
