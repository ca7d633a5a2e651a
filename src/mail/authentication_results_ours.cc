// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "mail/authentication_results.h"

namespace anechoic::mail {

namespace {

bool is_name_octet(char c) {
  return ascii::is_alnum(c) || c == '.' || c == '-' || c == '_' || static_cast<unsigned char>(c) > 127;
}

bool has_high(std::string_view label) {
  return std::ranges::any_of(label, [](char c) { return static_cast<unsigned char>(c) > 127; });
}

// The last label, which is taken away from `name` with its dot.
std::string_view take_last_label(std::string_view& name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view label = dot == std::string_view::npos ? name : name.substr(dot + 1);
  name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  return label;
}

// Equal, or one below the other. Two labels of other letters than A-Z count as equal: their cases are not folded here,
// and to delete one field too many is the lesser harm.
bool related(std::string_view a, std::string_view b) {
  while (a.ends_with('.')) a.remove_suffix(1);
  while (b.ends_with('.')) b.remove_suffix(1);
  if (a.empty() || b.empty()) return false;
  while (!a.empty() && !b.empty()) {
    const std::string_view label = take_last_label(a);
    const std::string_view other = take_last_label(b);
    if (!ascii::iequals(label, other) && !(has_high(label) && has_high(other))) return false;
  }
  return true;
}

bool any_related(std::string_view word, std::span<const std::string> names) {
  return std::ranges::any_of(names, [&](const std::string& name) { return related(word, name); });
}

// Is one of the words a name? Whatever is not in a name parts words; quoted pairs and folds are undone before.
bool mentions(std::string_view text, std::span<const std::string> names) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (text[i] == '\\' || text[i] == '\r' || text[i] == '\n')) continue;
    if (i < text.size() && is_name_octet(text[i])) {
      word += text[i];
      continue;
    }
    if (any_related(word, names)) return true;
    word.clear();
  }
  return false;
}

}  // namespace

bool claims_to_be_ours(std::string_view value, std::span<const std::string> names) {
  const auto parsed = parse_authentication_results(value, Reading::Lenient);
  if (!parsed) return mentions(value, names);
  if (parsed->version != AuthenticationResults::kVersion) return true;
  // An identifier need not be a domain: then it is the same or it is not.
  return any_related(ascii::trim(parsed->authserv_id), names) || mentions(parsed->authserv_id, names) ||
         mentions(value.substr(0, value.find(';')), names);
}

}  // namespace anechoic::mail
