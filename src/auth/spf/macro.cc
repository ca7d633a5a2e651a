// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/macro.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/ascii.h"

namespace anechoic::auth::spf {
namespace {

constexpr std::string_view kLetters = "slodiphv";
constexpr std::string_view kExplanationLetters = "crt";
constexpr std::string_view kDelimiters = ".-+,/_=";

// A part of a macro string: octets to take as they are, or a letter with what is to be done to its value.
struct Part {
  std::string_view literal;
  char letter = '\0';  // in lower case; '\0': a literal
  bool escaped = false;
  bool reverse = false;
  std::size_t keep = 0;  // right-hand parts; 0 = all
  std::string_view delimiters;
};

Failure wrong(std::string_view why) {
  return fail(Errc::Syntax, std::string(why));
}

// Reads what follows "%{" up to its "}".
anechoic::Result<Part> take_braced(std::string_view& rest) {
  Part part;
  if (rest.empty()) return wrong("a macro is not closed");
  part.letter = ascii::to_lower(rest.front());
  part.escaped = rest.front() != part.letter;
  if (!kLetters.contains(part.letter) && !kExplanationLetters.contains(part.letter)) {
    return wrong("unknown macro letter");
  }
  rest.remove_prefix(1);
  bool digits = false;
  while (!rest.empty() && ascii::is_digit(rest.front())) {
    digits = true;
    // No value has more parts than that.
    part.keep = std::min<std::size_t>(part.keep * 10 + static_cast<std::size_t>(rest.front() - '0'), 100'000);
    rest.remove_prefix(1);
  }
  if (digits && part.keep == 0) return wrong("a macro that keeps no part");
  if (!rest.empty() && ascii::to_lower(rest.front()) == 'r') {
    part.reverse = true;
    rest.remove_prefix(1);
  }
  const std::size_t end = std::min(rest.find_first_not_of(kDelimiters), rest.size());
  part.delimiters = rest.substr(0, end);
  rest.remove_prefix(end);
  if (rest.empty() || rest.front() != '}') return wrong("a macro is not closed, or has an unknown delimiter");
  rest.remove_prefix(1);
  return part;
}

// Takes the next part. REQUIRES: `rest` is not empty.
anechoic::Result<Part> take_part(std::string_view& rest) {
  if (rest.front() != '%') {
    const std::size_t end = std::min(rest.find('%'), rest.size());
    Part part{.literal = rest.substr(0, end), .delimiters = {}};
    rest.remove_prefix(end);
    return part;
  }
  if (rest.size() < 2) return wrong("a % that begins no macro");
  const char kind = rest[1];
  rest.remove_prefix(2);
  switch (kind) {
    case '%':
      return Part{.literal = "%", .delimiters = {}};
    case '_':
      return Part{.literal = " ", .delimiters = {}};
    case '-':
      return Part{.literal = "%20", .delimiters = {}};
    case '{':
      return take_braced(rest);
    default:
      return wrong("a % that begins no macro");
  }
}

// toplabel of the grammar: letters, digits and hyphens, neither all digits nor with a hyphen at an end.
bool is_top_label(std::string_view label) {
  const bool characters = std::ranges::all_of(label, [](char c) { return ascii::is_alnum(c) || c == '-'; });
  const bool digits = std::ranges::all_of(label, ascii::is_digit);
  return !label.empty() && characters && !digits && !label.starts_with('-') && !label.ends_with('-');
}

std::string dotted(const ip::Address& address) {
  if (address.is_v4()) return ip::to_string(address);
  std::string out;
  out.reserve(63);
  for (const std::uint8_t octet : address.octets()) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    if (!out.empty()) out += '.';
    out += kHex[octet >> 4U];
    out += '.';
    out += kHex[octet & 0xFU];
  }
  return out;
}

std::string value_of(char letter, const MacroValues& values) {
  switch (letter) {
    case 's':
      return std::string(values.local) + '@' + std::string(values.sender_domain);
    case 'l':
      return std::string(values.local);
    case 'o':
      return std::string(values.sender_domain);
    case 'd':
      return std::string(values.domain);
    case 'i':
      return dotted(values.client);
    case 'p':
      return std::string(values.validated.empty() ? "unknown" : values.validated);
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    case 'h':
      return std::string(values.helo);
    case 'c':
      return ip::to_string(values.client);
    case 'r':
      return std::string(values.receiver.empty() ? "unknown" : values.receiver);
    default:
      return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(values.now.time_since_epoch()).count());
  }
}

// Splits, reverses, keeps the right-hand parts and joins them with dots: 7.3.
std::string transformed(std::string_view value, const Part& part) {
  const std::string_view delimiters = part.delimiters.empty() ? "." : part.delimiters;
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = value.find_first_of(delimiters);
    parts.push_back(value.substr(0, end));
    if (end != std::string_view::npos) value.remove_prefix(end + 1);
  }
  if (part.reverse) std::ranges::reverse(parts);
  const std::size_t skip = part.keep == 0 || part.keep > parts.size() ? 0 : parts.size() - part.keep;
  std::string out;
  for (std::size_t i = skip; i < parts.size(); ++i) {
    if (i > skip) out += '.';
    out += parts[i];
  }
  return out;
}

std::string url_escaped(std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : value) {
    if (ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[octet >> 4U];
    out += kHex[octet & 0xFU];
  }
  return out;
}

void append_part(std::string& out, const Part& part, const MacroValues& values) {
  if (part.letter == '\0') {
    out += part.literal;
    return;
  }
  std::string value = value_of(part.letter, values);
  if (part.keep != 0 || part.reverse || !part.delimiters.empty()) value = transformed(value, part);
  out += part.escaped ? url_escaped(value) : value;
}

}  // namespace

anechoic::Result<void> check_macro_string(std::string_view text, MacroUse use) {
  const auto allowed = [use](char c) { return ascii::is_printable(c) && (c != ' ' || use == MacroUse::Explanation); };
  if (!std::ranges::all_of(text, allowed)) return wrong("an octet that is no visible US-ASCII character");
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return Failure(part.error());
    if (use == MacroUse::Term && part->letter != '\0' && kExplanationLetters.contains(part->letter)) {
      return wrong("a macro that only explanations may have");
    }
  }
  return {};
}

anechoic::Result<void> check_domain_spec(std::string_view text) {
  if (text.empty()) return wrong("a domain is missing");
  if (auto checked = check_macro_string(text, MacroUse::Term); !checked) return checked;
  // Where does the last macro end? What follows it decides.
  std::string_view rest = text;
  std::string_view last;
  while (!rest.empty()) {
    const bool literal = rest.front() != '%';
    const auto part = take_part(rest);
    if (!part) return Failure(part.error());
    last = literal ? part->literal : std::string_view();
  }
  if (last.empty()) return {};
  if (last.ends_with('.')) last.remove_suffix(1);
  const std::size_t dot = last.rfind('.');
  if (dot == std::string_view::npos) return wrong("a domain must end in a dot and a top-level name, or in a macro");
  if (!is_top_label(last.substr(dot + 1))) return wrong("a domain that ends in no top-level name");
  return {};
}

bool uses_validated_name(std::string_view text) {
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return false;
    if (part->letter == 'p') return true;
  }
  return false;
}

std::string expand(std::string_view text, const MacroValues& values, std::size_t limit) {
  std::string out;
  while (!text.empty() && out.size() < limit) {
    const auto part = take_part(text);
    if (!part) break;
    append_part(out, *part, values);
  }
  if (out.size() > limit) out.resize(limit);
  return out;
}

std::string target_name(std::string_view domain_spec, const MacroValues& values) {
  // Only the right-hand end counts, so what is left of it is dropped on the way.
  constexpr std::size_t kEnough = 2 * (kMaxTargetName + 1);
  std::string out;
  while (!domain_spec.empty()) {
    const auto part = take_part(domain_spec);
    if (!part) break;
    append_part(out, *part, values);
    if (out.size() > 4 * kEnough) out.erase(0, out.size() - kEnough);
  }
  if (out.ends_with('.')) out.pop_back();
  while (out.size() > kMaxTargetName) {
    // To the first dot that leaves little enough.
    const std::size_t dot = out.find('.', out.size() - kMaxTargetName - 1);
    out.erase(0, dot == std::string::npos ? out.size() : dot + 1);
  }
  return out;
}

std::string reversed(const ip::Address& client) {
  return transformed(dotted(client), {.literal = {}, .reverse = true, .delimiters = {}});
}

}  // namespace anechoic::auth::spf
