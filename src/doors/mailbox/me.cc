// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/me.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "mail/header_address.h"

namespace anechoic::triage {
namespace {

constexpr std::array<std::string_view, 8> kRoles = {"postmaster", "abuse",     "hostmaster", "mailer-daemon",
                                                    "root",       "webmaster", "noc",        "admin"};

// local@domain of SRS0=hash=tt=domain=local; "" if it is none.
std::string from_srs(std::string_view local) {
  for (int skipped = 0; skipped < 3; ++skipped) {
    const std::size_t equals = local.find_first_of(skipped == 0 ? "=+-" : "=");
    if (equals == std::string_view::npos) return "";
    local.remove_prefix(equals + 1);
  }
  const std::size_t equals = local.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == local.size()) return "";
  return std::string(local.substr(equals + 1)) + "@" + std::string(local.substr(0, equals));
}

// alice of alice+shop. A dash is part of many names (anne-marie), so what stands behind one is not taken off.
std::string base_of(std::string_view local) {
  const std::size_t plus = local.find('+');
  return std::string(plus == 0 ? local : local.substr(0, plus));
}

bool matches(std::string_view local, std::string_view mine) {
  if (local == mine) return true;
  return local.size() > mine.size() && local.starts_with(mine) &&
         (local[mine.size()] == '+' || local[mine.size()] == '-');
}

}  // namespace

std::string untagged(std::string_view address) {
  const std::string folded = ascii::lower(ascii::trim(address));
  const std::string_view local = mail::local_part(folded);
  const std::string domain(mail::domain_part(folded));
  const auto with_domain = [&](std::string_view name) { return std::string(name) + "@" + domain; };
  if (local.starts_with("prvs=")) {  // prvs=KDDDSSSSSS=alice, and the older prvs=alice/KDDDSSSSSS
    const std::string_view rest = local.substr(5);
    const std::size_t slash = rest.rfind('/');
    if (slash != std::string_view::npos) return with_domain(rest.substr(0, slash));
    const std::size_t equals = rest.find('=');
    if (equals != std::string_view::npos) return with_domain(rest.substr(equals + 1));
  }
  if (local.starts_with("btv1==")) {
    const std::size_t end = local.find("==", 6);
    if (end != std::string_view::npos) return with_domain(local.substr(end + 2));
  }
  std::string original;
  if (local.starts_with("srs0")) original = from_srs(local);
  if (local.starts_with("srs1")) {
    const std::size_t inner = local.find("==");
    if (inner != std::string_view::npos) original = from_srs("srs0=" + std::string(local.substr(inner + 2)));
  }
  return original.empty() ? folded : original;
}

Result<std::string> plain_address(std::string_view written) {
  constexpr std::string_view kMailto = "mailto:";
  std::string_view text = ascii::trim(written);
  if (ascii::istarts_with(text, kMailto)) text = text.substr(kMailto.size(), text.find('?') - kMailto.size());
  const auto list =
      text.starts_with('@') ? std::vector{mail::HeaderAddress{std::string(text), ""}} : mail::parse_address_list(text);
  const std::string address = list.size() == 1 ? list[0].address : "";
  const std::string domain = ascii::lower(mail::domain_part(address));
  const std::string_view local = mail::local_part(address);
  if (list.size() > 1) return fail(Errc::Syntax, "names several addresses; write --me once for each");
  if (std::ranges::any_of(domain, ascii::is_high))
    return fail(Errc::Syntax, "has a domain with letters that mail writes in ASCII; give it so, as xn--...");
  const bool usable =
      !domain.empty() &&
      std::ranges::all_of(domain,
                          [](char c) { return ascii::is_alnum(c) || std::string_view(".-_[]:").contains(c); }) &&
      ascii::is_alnum(domain.back() == ']' ? 'x' : domain.back()) && !domain.contains("..") && domain.front() != '.';
  if (!usable || std::ranges::any_of(local, ascii::is_control) || (local.empty() && !text.starts_with('@')))
    return fail(Errc::Syntax, "is no address; alice@example.org is one, @example.org stands for a domain");
  return std::string(local) + "@" + domain;
}

bool is_tagged(std::string_view address) {
  return untagged(address) != ascii::lower(ascii::trim(address));
}

void Me::add(std::string_view address) {
  const std::string plain = untagged(address);
  const std::string_view local = mail::local_part(plain);
  const std::string_view domain = mail::domain_part(plain);
  if (local.empty() && !domain.empty()) {
    domains_.emplace_back(domain);
    return;
  }
  if (std::ranges::find(addresses_, plain) != addresses_.end()) return;
  bases_.push_back(base_of(local) + "@" + std::string(domain));
  if (std::ranges::find(kRoles, local) != kRoles.end()) role_domains_.emplace_back(domain);
  addresses_.push_back(plain);
}

bool Me::is_own_domain(std::string_view domain) const {
  const auto same = [&](std::string_view mine) {
    return ascii::iequals(domain, mine) ||
           (domain.size() > mine.size() && ascii::iequals(domain.substr(domain.size() - mine.size()), mine) &&
            domain[domain.size() - mine.size() - 1] == '.');
  };
  return std::ranges::any_of(domains_, same) ||
         std::ranges::any_of(addresses_, [&](std::string_view mine) { return same(mail::domain_part(mine)); });
}

Who Me::who(std::string_view address) const {
  const std::string plain = untagged(address);
  const std::string_view local = mail::local_part(plain);
  const std::string_view domain = mail::domain_part(plain);
  if (local.empty() || domain.empty()) return Who::Nobody;
  if (std::ranges::find(domains_, domain) != domains_.end()) return Who::Me;
  for (const std::string& mine : bases_)
    if (mail::domain_part(mine) == domain && matches(local, mail::local_part(mine))) return Who::Me;
  if (std::ranges::find(role_domains_, domain) != role_domains_.end()) return Who::Colleague;
  return Who::Stranger;
}

std::vector<std::string> Me::names() const {
  std::vector<std::string> names = addresses_;
  for (const std::string& domain : domains_) names.push_back("@" + domain);
  return names;
}

}  // namespace anechoic::triage
