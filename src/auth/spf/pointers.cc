// SPDX-License-Identifier: Apache-2.0
// The `ptr` mechanism and %{p}: names of the client that lead back to it. Its PTR records are asked for once in a
// check, and each of the first ten names at most once.                                     RFC 7208 5.5, 7.3, 4.6.4
#include <algorithm>

#include "auth/spf/evaluation.h"
#include "auth/spf/target.h"

namespace anechoic::auth::spf {
namespace {

constexpr std::size_t kPointers = 10;  // 4.6.4: the others are ignored

// How good a value of %{p} it is: the domain itself, a name below it, any other.
unsigned rank(const dns::Name& name, const std::optional<dns::Name>& domain) {
  if (!domain || !name.is_within(*domain)) return 2;
  return name == *domain ? 0 : 1;
}

}  // namespace

// An error of the DNS leaves no names: neither `ptr` nor %{p} is an error for it.
Task<Evaluation::Match> Evaluation::fetch_pointers() {
  if (pointers_) co_return Match::No;
  const dns::Name name = reverse_name(question_.client);
  const SharedAnswer answer = co_await lookups_.ask(name, dns::Type::Ptr);
  if (answer->found == Found::OverBudget) {
    co_return fail_with(Match::TempError, failed_lookup(name, dns::Type::Ptr, *answer));
  }
  pointers_.emplace();
  pointers_void_ = is_definite(answer->found) && answer->records.empty();
  for (const dns::Rdata& one : answer->records) {
    const auto* const pointer = std::get_if<dns::Name>(&one);
    if (pointer != nullptr && pointers_->size() < kPointers) pointers_->push_back({*pointer, std::nullopt});
  }
  co_return Match::No;
}

// Yes: the name leads back to the client.
Task<Evaluation::Match> Evaluation::validate(std::size_t index) {
  PtrName& pointer = (*pointers_)[index];
  if (!pointer.valid) {
    const SharedAnswer answer = co_await lookups_.ask(pointer.name, address_type());
    if (answer->found == Found::OverBudget) {
      co_return fail_with(Match::TempError, failed_lookup(pointer.name, address_type(), *answer));
    }
    pointer.valid = std::ranges::find(answer->records, dns::Rdata(question_.client)) != answer->records.end();
  }
  co_return *pointer.valid ? Match::Yes : Match::No;
}

Task<Evaluation::Match> Evaluation::pointers(dns::Name target) {
  const Match fetched = co_await fetch_pointers();
  if (fetched != Match::No) co_return fetched;
  if (pointers_void_ && ++void_lookups_ > options_.void_lookups) {
    co_return fail_with(Match::PermError, "more than " + std::to_string(options_.void_lookups) +
                                              " terms that find nothing in the DNS, the last is a ptr");
  }
  for (std::size_t i = 0; i < pointers_->size(); ++i) {
    if (!(*pointers_)[i].name.is_within(target)) continue;
    const Match valid = co_await validate(i);
    if (valid != Match::No) co_return valid;
  }
  co_return Match::No;
}

Task<Evaluation::Match> Evaluation::prepare(std::string_view domain_spec, std::string_view domain, bool counted) {
  if (!uses_validated_name(domain_spec)) co_return Match::No;
  if (!pointers_ && counted) {
    const Match over = count_term();
    if (over != Match::No) co_return over;
  }
  const Match fetched = co_await fetch_pointers();
  if (fetched != Match::No) co_return fetched;
  const auto own = query_name(domain);
  for (unsigned wanted = 0; wanted < 3; ++wanted) {
    for (std::size_t i = 0; i < pointers_->size(); ++i) {
      if (rank((*pointers_)[i].name, own) != wanted) continue;
      const Match valid = co_await validate(i);
      if (valid == Match::TempError) co_return valid;
      if (valid == Match::No) continue;
      validated_ = (*pointers_)[i].name.to_string();
      co_return Match::No;
    }
  }
  co_return Match::No;
}

}  // namespace anechoic::auth::spf
