// SPDX-License-Identifier: Apache-2.0
// The recursive part of check_host(): a record, what it includes and whom it redirects to, with the limits that all of
// them share. For check.cc alone.
//
// Lifetime: question and options outlive it; it outlives its Tasks, one of which runs at a time.
// Threads: the Lookups'.                                                                             RFC 7208 4.4 - 6
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/spf/check.h"
#include "auth/spf/macro.h"
#include "auth/spf/record.h"

namespace anechoic::auth::spf {

struct Verdict {
  Result result = Result::None;
  std::string term;         // that matched, printable
  std::string term_domain;  // whose record it stands in
  std::string record;       // that record, printable
  std::string problem;
  std::string exp;         // domain-spec of the explanation of a fail; "" = none
  std::string exp_domain;  // %{d} in it
};

class Evaluation {
 public:
  Evaluation(Lookups& lookups, const Question& question, const Options& options)
      : lookups_(lookups), question_(question), options_(options) {}
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  [[nodiscard]] Task<Verdict> run(std::string domain);
  // The text of a fail's explanation, printable; the default one if it cannot be had (6.2).
  [[nodiscard]] Task<std::string> explain(std::string domain_spec, std::string domain);

  [[nodiscard]] unsigned lookup_terms() const { return lookup_terms_; }
  [[nodiscard]] unsigned void_lookups() const { return void_lookups_; }

 private:
  enum class Match : std::uint8_t { No, Yes, TempError, PermError };
  struct PtrName {
    dns::Name name;
    std::optional<bool> valid;  // nullopt: not looked at
  };

  [[nodiscard]] Task<Verdict> evaluate(std::string domain, SharedAnswer answer, std::string_view text);
  [[nodiscard]] Task<Match> look_up(Directive directive, std::string_view domain);
  [[nodiscard]] Task<Match> include(std::string target);
  [[nodiscard]] Task<Match> addresses(dns::Name name, Directive directive);
  [[nodiscard]] Task<Match> exchanges(dns::Name name, Directive directive);
  [[nodiscard]] Task<Match> exists(dns::Name name);
  [[nodiscard]] Task<Match> pointers(dns::Name target);

  // Finds out %{p} if `domain_spec` has it. No: go on. `counted`: does asking for it use up a term?
  [[nodiscard]] Task<Match> prepare(std::string_view domain_spec, std::string_view domain, bool counted);
  [[nodiscard]] Task<Match> fetch_pointers();
  [[nodiscard]] Task<Match> validate(std::size_t index);

  [[nodiscard]] MacroValues values(std::string_view domain) const;
  [[nodiscard]] dns::Type address_type() const { return question_.client.is_v4() ? dns::Type::A : dns::Type::Aaaa; }
  [[nodiscard]] bool holds_client(const Answer& answer, const Directive& directive) const;
  // Each returns No, or the error that it has put into problem_.
  [[nodiscard]] Match count_term();
  [[nodiscard]] Match settle(const dns::Name& name, dns::Type type, const Answer& answer);  // and counts void ones
  [[nodiscard]] Match fail_with(Match kind, std::string problem);

  Lookups& lookups_;
  const Question& question_;
  const Options& options_;
  unsigned lookup_terms_ = 0;
  unsigned void_lookups_ = 0;
  std::string problem_;
  std::string validated_;  // %{p}
  Verdict included_;       // of the include that matched last
  std::optional<std::vector<PtrName>> pointers_;
  bool pointers_void_ = false;
};

}  // namespace anechoic::auth::spf
