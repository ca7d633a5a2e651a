// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/record.h"

#include <algorithm>

#include "base/ascii.h"

namespace anechoic::auth::dmarc {

namespace {

std::optional<Policy> policy_word(std::string_view value) {
  for (const Policy policy : {Policy::None, Policy::Quarantine, Policy::Reject}) {
    if (ascii::iequals(value, to_string(policy))) return policy;
  }
  return std::nullopt;
}

// The text up to the next `separator`, which is taken away from `rest` with it.
std::string_view take_piece(std::string_view& rest, char separator) {
  const std::string_view piece = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  return piece;
}

struct Tag {
  std::string_view name;
  std::string_view value;
};

// nullopt: no dmarc-tag; an empty value is kept, since an empty `p` is there and not valid.
std::optional<Tag> parse_tag(std::string_view piece) {
  const std::size_t equals = piece.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const Tag tag{ascii::trim(piece.substr(0, equals)), ascii::trim(piece.substr(equals + 1))};
  if (tag.name.empty() || !std::ranges::all_of(tag.name, ascii::is_alpha)) return std::nullopt;
  return tag;
}

// What was found of each tag that matters; the first counts.
struct Values {
  std::optional<std::string_view> p, sp, np, adkim, aspf, psd, t, rua;

  std::optional<std::string_view>* find(std::string_view name) {
    struct Entry {
      std::string_view name;
      std::optional<std::string_view>* value;
    };
    for (const Entry& entry : {Entry{"p", &p}, Entry{"sp", &sp}, Entry{"np", &np}, Entry{"adkim", &adkim},
                               Entry{"aspf", &aspf}, Entry{"psd", &psd}, Entry{"t", &t}, Entry{"rua", &rua}}) {
      if (ascii::iequals(name, entry.name)) return entry.value;
    }
    return nullptr;
  }
};

Values collect(std::string_view rest) {
  Values values;
  while (!rest.empty()) {
    const std::optional<Tag> tag = parse_tag(take_piece(rest, ';'));
    if (!tag) continue;
    std::optional<std::string_view>* const value = values.find(tag->name);
    if (value != nullptr && !*value) *value = tag->value;
  }
  return values;
}

// Reads p, sp, np; says what is wrong, "" = nothing.
std::string read_policies(const Values& values, Record& record) {
  if (!values.p) return "it has no p";
  const std::optional<Policy> p = policy_word(*values.p);
  if (!p) return "its p is not valid";
  record.p = *p;
  if (values.sp) record.sp = policy_word(*values.sp);
  if (values.sp && !record.sp) return "its sp is not valid";
  if (values.np) record.np = policy_word(*values.np);
  if (values.np && !record.np) return "its np is not valid";
  return {};
}

bool is_word(const std::optional<std::string_view>& value, std::string_view word) {
  return value && ascii::iequals(*value, word);
}

bool is_uri_octet(char c) {
  return ascii::is_alnum(c) || std::string_view("-._~:/?#[]@!$&'()*+;=%").contains(c);
}

// "!10m", obsolete, is dropped; another `!` must have been encoded (4.8).
std::optional<std::string_view> without_size(std::string_view uri) {
  const std::size_t mark = uri.find('!');
  if (mark == std::string_view::npos) return uri;
  std::string_view size = uri.substr(mark + 1);
  if (!size.empty() && std::string_view("kmgt").contains(ascii::to_lower(size.back()))) size.remove_suffix(1);
  if (size.empty() || !std::ranges::all_of(size, ascii::is_digit)) return std::nullopt;
  return uri.substr(0, mark);
}

bool is_reporting_uri(std::string_view text) {
  const std::optional<std::string_view> uri = without_size(text);
  if (!uri) return false;
  const std::size_t colon = uri->find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri->size()) return false;
  const std::string_view scheme = uri->substr(0, colon);
  const std::string_view rest = uri->substr(colon + 1);
  const auto scheme_octet = [](char c) { return ascii::is_alnum(c) || c == '+' || c == '-' || c == '.'; };
  if (!ascii::is_alpha(scheme.front()) || !std::ranges::all_of(scheme, scheme_octet)) return false;
  if (!std::ranges::all_of(rest, is_uri_octet)) return false;
  for (std::size_t i = rest.find('%'); i != std::string_view::npos; i = rest.find('%', i + 1)) {
    if (i + 2 >= rest.size() || ascii::hex_value(rest[i + 1]) < 0 || ascii::hex_value(rest[i + 2]) < 0) return false;
  }
  if (!ascii::iequals(scheme, "mailto")) return true;
  const std::string_view address = rest.substr(0, rest.find('?'));
  const std::size_t at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size();
}

}  // namespace

bool has_reporting_uri(std::string_view list) {
  while (!list.empty()) {
    if (is_reporting_uri(ascii::trim(take_piece(list, ',')))) return true;
  }
  return false;
}

std::optional<Record> parse_record(std::string_view text) {
  std::string_view rest = text;
  const std::optional<Tag> version = parse_tag(take_piece(rest, ';'));
  if (!version || !ascii::iequals(version->name, "v") || version->value != "DMARC1") return std::nullopt;

  const Values values = collect(rest);
  Record record;
  record.text = text;
  record.problem = read_policies(values, record);
  if (!record.problem.empty()) {
    record.usable = values.rua && has_reporting_uri(*values.rua);
    record.p = Policy::None;
    record.sp.reset();
    record.np.reset();
  }
  if (is_word(values.adkim, "s")) record.dkim = Alignment::Strict;
  if (is_word(values.aspf, "s")) record.spf = Alignment::Strict;
  if (is_word(values.psd, "y")) record.psd = Psd::Yes;
  if (is_word(values.psd, "n")) record.psd = Psd::No;
  record.testing = is_word(values.t, "y");
  return record;
}

Policy published_policy(const Record& record, Relation relation) {
  if (relation == Relation::Itself) return record.p;
  const Policy existing = record.sp.value_or(record.p);
  return relation == Relation::NonexistentSubdomain ? record.np.value_or(existing) : existing;
}

Policy one_level_lower(Policy policy) {
  return policy == Policy::Reject ? Policy::Quarantine : Policy::None;
}

}  // namespace anechoic::auth::dmarc
