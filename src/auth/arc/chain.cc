// SPDX-License-Identifier: Apache-2.0
#include "auth/arc/chain.h"

#include <algorithm>
#include <map>

#include "auth/records/tag_list.h"
#include "base/ascii.h"

namespace anechoic::auth::arc {
namespace {

// "1" to "50", without zeroes in front.
std::optional<unsigned> parse_instance(std::string_view digits) {
  if (digits.empty() || digits.size() > 2 || digits.front() == '0') return std::nullopt;
  const auto value = ascii::parse_number<unsigned>(digits);
  if (!value || *value > kMostSets) return std::nullopt;
  return value;
}

// Over blanks, line ends and comments. npos: a comment is not closed.
std::size_t skip_cfws(std::string_view text, std::size_t at) {
  unsigned depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(') {
      ++depth;
    } else if (depth > 0 && c == ')') {
      --depth;
    } else if (depth > 0 && c == '\\') {
      ++at;
    } else if (depth == 0 && !ascii::is_blank(c) && c != '\r' && c != '\n') {
      return at;
    }
  }
  return depth == 0 ? at : std::string_view::npos;
}

std::optional<unsigned> tagged_instance(const mail::Field& field) {
  const auto tags = TagList::parse(field.value);
  if (!tags) return std::nullopt;
  return parse_instance(tags->find("i").value_or(""));
}

// Where a field of ARC belongs, nullptr for other fields.
const mail::Field* Set::* slot_of(const mail::Field& field) {
  if (!ascii::istarts_with(field.name, "ARC-")) return nullptr;
  if (ascii::iequals(field.name, "ARC-Seal")) return &Set::seal;
  if (ascii::iequals(field.name, "ARC-Message-Signature")) return &Set::message;
  if (ascii::iequals(field.name, "ARC-Authentication-Results")) return &Set::results;
  return nullptr;
}

// Puts the fields into their sets; what is wrong, or "".
std::string collect(const mail::HeaderBlock& header, Chain& chain) {
  for (const mail::Field& field : header.fields()) {
    const mail::Field* Set::* const slot = slot_of(field);
    if (slot == nullptr) continue;
    chain.there = true;
    std::optional<unsigned> number;
    if (slot == &Set::results) {
      if (const auto instance = results_instance(field.value)) number = instance->number;
    } else {
      number = tagged_instance(field);
    }
    if (!number) return "a field of ARC has no number (i=) from 1 to 50, or can't be read";
    if (chain.sets.size() < *number) chain.sets.resize(*number);
    const mail::Field*& place = chain.sets[*number - 1].*slot;
    if (place != nullptr) return "set " + std::to_string(*number) + " has a field twice";
    place = &field;
  }
  for (std::size_t i = 0; i < chain.sets.size(); ++i) {
    const Set& set = chain.sets[i];
    if (set.results == nullptr || set.message == nullptr || set.seal == nullptr) {
      return "set " + std::to_string(i + 1) + " is not complete";
    }
  }
  return {};
}

// cv= of every seal: step 2 and the third rule of step 3.
std::string check_states(const Chain& chain) {
  for (std::size_t i = chain.sets.size(); i-- > 0;) {
    const auto tags = TagList::parse(chain.sets[i].seal->value);
    const std::string state = ascii::lower(tags ? tags->find("cv").value_or("") : "");
    const std::string seal = "seal " + std::to_string(i + 1);
    if (state == "fail") return seal + " says that the chain was broken before (cv=fail)";
    if (state != (i == 0 ? "none" : "pass")) return seal + " has a cv= that can't be there";
    if (tags->find("h")) return seal + " has h=, which a seal must not have";
  }
  return {};
}

// The signatures' own tags. An older message signature may be wrong without breaking the chain.
std::string read_signatures(Chain& chain) {
  for (std::size_t i = chain.sets.size(); i-- > 0;) {
    Set& set = chain.sets[i];
    const std::string number = std::to_string(i + 1);
    set.seal_signature = dkim::parse_signature(set.seal->value, dkim::SignatureKind::ArcSeal);
    if (!set.seal_signature.wrong.empty()) return "seal " + number + ": " + set.seal_signature.wrong;
    dkim::Signature& message = set.message_signature;
    message = dkim::parse_signature(set.message->value, dkim::SignatureKind::ArcMessage);
    const auto tags = TagList::parse(set.message->value);
    set.names_canonicalization = tags && tags->find("c");
    if (message.wrong.empty() && std::ranges::find(message.headers, "arc-seal") != message.headers.end()) {
      message.wrong = "it signs ARC-Seal, which it must not";
    }
    if (i + 1 == chain.sets.size() && !message.wrong.empty()) {
      return "message signature " + number + ": " + message.wrong;
    }
  }
  return {};
}

}  // namespace

std::optional<Instance> results_instance(std::string_view value) {
  std::size_t at = skip_cfws(value, 0);
  for (const char wanted : std::string_view("i=")) {
    if (at >= value.size() || value[at] != wanted) return std::nullopt;
    at = skip_cfws(value, at + 1);
  }
  const std::size_t begin = std::min(at, value.size());
  const std::size_t end = std::min(value.find_first_not_of("0123456789", begin), value.size());
  const auto number = parse_instance(value.substr(begin, end - begin));
  if (!number) return std::nullopt;
  at = skip_cfws(value, end);
  if (at >= value.size() || value[at] != ';') return std::nullopt;
  return Instance{*number, value.substr(at + 1)};
}

Chain read_chain(const mail::HeaderBlock& header) {
  Chain chain;
  chain.wrong = collect(header, chain);
  if (!chain.there) return chain;
  if (chain.wrong.empty() && header.truncated()) chain.wrong = "the message's header is too large to be checked";
  if (chain.wrong.empty()) chain.wrong = check_states(chain);
  if (chain.wrong.empty()) chain.wrong = read_signatures(chain);
  if (!chain.wrong.empty()) chain.sets.clear();
  return chain;
}

}  // namespace anechoic::auth::arc
