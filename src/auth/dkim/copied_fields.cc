// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/copied_fields.h"

#include <algorithm>

#include "auth/dkim/signature.h"
#include "auth/records/tag_list.h"
#include "base/ascii.h"

namespace anechoic::auth::dkim {

namespace {

constexpr std::size_t kMostCopied = 100;

}  // namespace

std::vector<std::string> changed_fields(std::string_view copied, const std::vector<const mail::Field*>& signed_fields) {
  std::vector<std::string> changed;
  if (copied.empty()) return changed;
  std::size_t looked_at = 0;
  for (const std::string_view item : split_list(copied, '|')) {
    if (++looked_at > kMostCopied || changed.size() == kMostChanged) break;
    const auto text = decode_quoted_printable(without_blanks(item));
    const std::size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) continue;
    const std::string name = text->substr(0, colon);
    const std::string value = without_blanks(std::string_view(*text).substr(colon + 1));
    bool is_signed = false;
    bool same = false;
    for (const mail::Field* field : signed_fields) {
      if (!ascii::iequals(field->name, name)) continue;
      is_signed = true;
      same = same || without_blanks(field->value) == value;
    }
    const std::string shown = printable(name, 64);
    if (is_signed && !same && std::ranges::find(changed, shown) == changed.end()) changed.push_back(shown);
  }
  return changed;
}

}  // namespace anechoic::auth::dkim
