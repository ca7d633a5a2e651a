// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/record.h"

#include <algorithm>
#include <string>

#include "auth/spf/macro.h"
#include "base/ascii.h"

namespace anechoic::auth::spf {
namespace {

constexpr std::string_view kVersion = "v=spf1";
constexpr std::size_t kQuoted = 64;

// What a mechanism may have after its name.
enum class Domain : std::uint8_t { No, Maybe, Must };
struct Form {
  std::string_view name;
  Mechanism mechanism;
  Domain domain;
  bool cidr;
};
constexpr std::array<Form, 8> kForms{{
    {"all", Mechanism::All, Domain::No, false},
    {"include", Mechanism::Include, Domain::Must, false},
    {"a", Mechanism::A, Domain::Maybe, true},
    {"mx", Mechanism::Mx, Domain::Maybe, true},
    {"ptr", Mechanism::Ptr, Domain::Maybe, false},
    {"ip4", Mechanism::Ip4, Domain::Must, true},
    {"ip6", Mechanism::Ip6, Domain::Must, true},
    {"exists", Mechanism::Exists, Domain::Must, false},
}};

Failure wrong(std::string_view term, std::string_view why) {
  std::string detail;
  detail += '"';
  for (const char c : term.substr(0, kQuoted)) detail += ascii::is_printable(c) ? c : '?';
  if (term.size() > kQuoted) detail += "...";
  detail += "\": ";
  detail += why;
  return fail(Errc::Syntax, std::move(detail));
}

// Takes a term; "" at the end.
std::string_view take_term(std::string_view& terms) {
  terms.remove_prefix(std::min(terms.find_first_not_of(' '), terms.size()));
  const std::size_t end = std::min(terms.find(' '), terms.size());
  const std::string_view term = terms.substr(0, end);
  terms.remove_prefix(end);
  return term;
}

// The name of the modifier that `term` is, or nullopt.
std::optional<std::string_view> modifier_name(std::string_view term) {
  if (term.empty() || !ascii::is_alpha(term.front())) return std::nullopt;
  const auto* const end =
      std::ranges::find_if_not(term, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; });
  const auto size = static_cast<std::size_t>(end - term.begin());
  if (size == term.size() || term[size] != '=') return std::nullopt;
  return term.substr(0, size);
}

// "0", or digits that do not begin with 0, at most `limit`.
std::optional<std::uint8_t> parse_bits(std::string_view digits, unsigned limit) {
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  const auto value = ascii::parse_number<unsigned>(digits);
  if (!value || *value > limit) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

// Splits "/digits" off the end of `text`; nullopt: it does not end so.
std::optional<std::string_view> take_suffix(std::string_view& text, std::string_view slashes) {
  std::size_t start = text.size();
  while (start > 0 && ascii::is_digit(text[start - 1])) --start;
  if (start == text.size() || !text.substr(0, start).ends_with(slashes)) return std::nullopt;
  const std::string_view digits = text.substr(start);
  text.remove_suffix(digits.size() + slashes.size());
  return digits;
}

// dual-cidr-length at the end of `rest`. "/24/64" leaves "/24", which then is no domain.
bool take_dual_cidr(std::string_view& rest, Directive& directive) {
  if (const auto digits = take_suffix(rest, "//")) {
    const auto bits = parse_bits(*digits, 128);
    if (!bits) return false;
    directive.bits6 = *bits;
  }
  if (const auto digits = take_suffix(rest, "/")) {
    const auto bits = parse_bits(*digits, 32);
    if (!bits) return false;
    directive.bits4 = *bits;
  }
  return true;
}

// ip4-network or ip6-network with its length.
std::optional<Cidr> parse_network(std::string_view text, bool v4) {
  Cidr network{.v4 = v4, .bits = static_cast<std::uint8_t>(v4 ? 32 : 128)};
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto bits = parse_bits(text.substr(slash + 1), network.bits);
    if (!bits) return std::nullopt;
    network.bits = *bits;
    text = text.substr(0, slash);
  }
  if (text.contains(':') == v4) return std::nullopt;
  const auto address = ip::parse_address(text);
  if (!address) return std::nullopt;
  network.octets = address->octets();
  if (!v4 && address->is_v4()) {  // IPv4-mapped, and here an IPv6 address all the same
    network.octets = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    std::copy_n(address->octets().begin(), 4, network.octets.begin() + 12);
  }
  return network;
}

Qualifier take_qualifier(std::string_view& term) {
  constexpr std::string_view kSigns = "+-~?";
  const std::size_t at = term.empty() ? std::string_view::npos : kSigns.find(term.front());
  if (at == std::string_view::npos) return Qualifier::Pass;
  term.remove_prefix(1);
  return static_cast<Qualifier>(at);
}

// What follows the name of an ip4 or ip6 mechanism.
anechoic::Result<Directive> with_network(Directive directive, std::string_view rest) {
  const auto network = rest.starts_with(':') ? parse_network(rest.substr(1), directive.mechanism == Mechanism::Ip4)
                                             : std::optional<Cidr>();
  if (!network) return wrong(directive.text, "no address or network of that kind");
  directive.network = *network;
  return directive;
}

anechoic::Result<Directive> parse_directive(std::string_view term) {
  Directive directive;
  directive.text = term;
  std::string_view rest = term;
  directive.qualifier = take_qualifier(rest);
  const std::size_t name_end = std::min(rest.find_first_of(":/"), rest.size());
  const auto* const form = std::ranges::find_if(
      kForms, [name = rest.substr(0, name_end)](const Form& one) { return ascii::iequals(one.name, name); });
  if (form == kForms.end()) return wrong(term, "unknown mechanism");
  directive.mechanism = form->mechanism;
  rest.remove_prefix(name_end);
  if (form->mechanism == Mechanism::Ip4 || form->mechanism == Mechanism::Ip6) return with_network(directive, rest);
  if (form->cidr && !take_dual_cidr(rest, directive)) return wrong(term, "a prefix length that cannot be");
  if (rest.empty()) {
    if (form->domain == Domain::Must) return wrong(term, "a domain is missing");
    return directive;
  }
  if (rest.front() != ':' || form->domain == Domain::No) return wrong(term, "nothing may follow that name");
  directive.domain_spec = rest.substr(1);
  if (const auto checked = check_domain_spec(directive.domain_spec); !checked) {
    return wrong(term, checked.error().detail);
  }
  return directive;
}

anechoic::Result<void> parse_modifier(std::string_view term, std::string_view name, Record& record) {
  const std::string_view value = term.substr(name.size() + 1);
  const bool redirect = ascii::iequals(name, "redirect");
  if (!redirect && !ascii::iequals(name, "exp")) {
    const auto checked = check_macro_string(value, MacroUse::Term);
    return checked ? checked : wrong(term, checked.error().detail);
  }
  auto& kept = redirect ? record.redirect : record.explanation;
  if (kept) return wrong(term, "given twice");
  if (const auto checked = check_domain_spec(value); !checked) return wrong(term, checked.error().detail);
  kept = value;
  return {};
}

}  // namespace

bool Cidr::contains(const ip::Address& address) const {
  if (address.is_v4() != v4) return false;
  const std::size_t whole = bits / 8U;
  if (!std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(whole), address.octets().begin())) {
    return false;
  }
  const unsigned rest = bits % 8U;
  return rest == 0 || (octets[whole] ^ address.octets()[whole]) >> (8U - rest) == 0;
}

bool is_record(std::string_view text) {
  return ascii::istarts_with(text, kVersion) && (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

anechoic::Result<Record> parse_record(std::string_view text) {
  Record record;
  record.terms = text.substr(kVersion.size());
  std::string_view rest = record.terms;
  for (std::string_view term = take_term(rest); !term.empty(); term = take_term(rest)) {
    if (const auto name = modifier_name(term)) {
      if (const auto parsed = parse_modifier(term, *name, record); !parsed) return Failure(parsed.error());
      continue;
    }
    const auto directive = parse_directive(term);
    if (!directive) return Failure(directive.error());
  }
  return record;
}

std::optional<Directive> next_directive(std::string_view& terms) {
  for (std::string_view term = take_term(terms); !term.empty(); term = take_term(terms)) {
    if (modifier_name(term)) continue;
    const auto directive = parse_directive(term);
    if (!directive) return std::nullopt;
    return *directive;
  }
  return std::nullopt;
}

}  // namespace anechoic::auth::spf
