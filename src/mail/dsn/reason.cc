// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/reason.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "rules/reason_names.h"

namespace anechoic::mail::dsn {
namespace {

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(rules::kReason); ++i) {
    if (rules::kReason[i].reason != static_cast<Reason>(i)) return false;
  }
  return std::size(rules::kReason) == static_cast<std::size_t>(Reason::AutoReply) + 1;
}
static_assert(in_order(), "data/reason_names.toml lists every Reason, in the order of the enumeration");

const rules::ReasonName& name_of(Reason reason) {
  return rules::kReason[std::min(static_cast<std::size_t>(reason), std::size(rules::kReason) - 1)];
}

}  // namespace

std::string_view to_string(Reason reason) {
  return name_of(reason).name;
}

std::string_view sisimai_name(Reason reason) {
  return name_of(reason).sisimai;
}

std::optional<Reason> reason_from(std::string_view name) {
  for (const rules::ReasonName& known : rules::kReason) {
    if (known.name == name) return known.reason;
  }
  return std::nullopt;
}

}  // namespace anechoic::mail::dsn
