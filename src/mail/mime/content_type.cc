// SPDX-License-Identifier: Apache-2.0
// Content-Type values as mailers write them: comments, missing quotes and semicolons, RFC 2231 pieces in any order.
#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "mail/charset.h"
#include "mail/mime/message.h"
#include "mail/transfer_encoding.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kMaxParameters = 100;
constexpr std::size_t kMaxPieces = 50;  // of one RFC 2231 value
constexpr std::size_t kMaxValue = 4096;

// One `name=value` as written; RFC 2231 names are taken apart later.
struct Raw {
  std::string name;
  std::string value;
};

std::string_view take_until(std::string_view& text, std::string_view stops) {
  const std::size_t end = std::min(text.find_first_of(stops), text.size());
  const std::string_view out = text.substr(0, end);
  text.remove_prefix(end);
  return out;
}

std::string take_quoted(std::string_view& text) {
  std::string out;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return out;
}

// A value without quotes ends at its first blank; names of files are the exception that has blanks.
std::string take_bare(std::string_view& text, std::string_view name) {
  const std::string_view whole = ascii::trim(take_until(text, ";"));
  if (name.starts_with("name") || name.starts_with("filename")) return std::string(whole);
  const std::size_t end = whole.find_first_of(" \t");
  const std::string_view value = whole.substr(0, end);
  // Behind a blank another parameter may begin, whose semicolon is missing.
  if (end != std::string_view::npos && whole.substr(end).contains('=')) {
    text = {whole.data() + end, static_cast<std::size_t>(text.data() + text.size() - (whole.data() + end))};
  }
  return std::string(value);
}

std::optional<Raw> take_parameter(std::string_view& text) {
  while (!text.empty() && (ascii::is_blank(text.front()) || text.front() == ';')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  Raw raw;
  raw.name = ascii::lower(ascii::trim(take_until(text, "=;")));
  if (!text.starts_with('=')) return raw;
  text.remove_prefix(1);
  while (!text.empty() && ascii::is_blank(text.front())) text.remove_prefix(1);
  raw.value = text.starts_with('"') ? take_quoted(text) : take_bare(text, raw.name);
  raw.value.resize(std::min(raw.value.size(), kMaxValue));
  return raw;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? ascii::hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? ascii::hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The pieces of one RFC 2231 value.
struct Pieces {
  std::string name;
  std::vector<std::pair<unsigned, Raw>> list;  // number; Raw::name is "*" if the piece is percent encoded
};

// "name*", "name*0", "name*0*": adds the piece where it belongs; false if the name has no asterisk.
bool collect(Raw& raw, std::vector<Pieces>& extended) {
  const std::size_t star = raw.name.find('*');
  if (star == std::string::npos) return false;
  std::string_view rest = std::string_view(raw.name).substr(star + 1);
  bool encoded = rest.empty();
  if (rest.ends_with('*')) {
    encoded = true;
    rest.remove_suffix(1);
  }
  const auto number = rest.empty() ? std::optional(0U) : ascii::parse_number<unsigned>(rest);
  const std::string name = raw.name.substr(0, star);
  auto found = std::ranges::find(extended, name, &Pieces::name);
  if (found == extended.end()) {
    extended.push_back({name, {}});
    found = extended.end() - 1;
  }
  if (number && found->list.size() < kMaxPieces) {
    found->list.emplace_back(*number, Raw{encoded ? "*" : "", std::move(raw.value)});
  }
  return true;
}

std::string joined(Pieces& pieces) {
  std::ranges::sort(pieces.list, {}, [](const auto& piece) { return piece.first; });
  std::string charset;
  std::string octets;
  bool first = true;
  for (const auto& [number, raw] : pieces.list) {
    std::string_view value = raw.value;
    if (raw.name.empty()) {
      octets += value;
    } else {
      // charset'language'text
      const std::size_t quote = first ? value.find('\'') : std::string_view::npos;
      const std::size_t second = quote == std::string_view::npos ? quote : value.find('\'', quote + 1);
      if (second != std::string_view::npos) {
        charset = value.substr(0, quote);
        value.remove_prefix(second + 1);
      }
      octets += percent_decoded(value);
    }
    first = false;
  }
  return to_utf8(octets, charset, kMaxValue);
}

// In lower case, up to what no token has.
std::string token(std::string_view text) {
  text = ascii::trim(text);
  return ascii::lower(text.substr(0, text.find_first_of(" \t\"'(),:;<=>?@[\\]/")));
}

// Without comments where there is no quote around them.
std::string_view plain(std::string_view value, std::string& owned) {
  if (!value.contains('(')) return value;
  owned = without_comments(value);
  return owned;
}

}  // namespace

std::string_view ContentType::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

ContentType parse_content_type(std::string_view value) {
  std::string unfolded;
  if (value.find_first_of("\r\n") != std::string_view::npos) {
    unfolded = unfold(value);
    value = unfolded;
  }
  std::string owned;
  std::string_view text = ascii::trim(plain(value, owned));
  ContentType out;
  std::string_view essence = ascii::trim(take_until(text, ";"));
  // "text/plain charset=..." lacks its semicolon.
  if (const std::size_t blank = essence.find_first_of(" \t"); blank != std::string_view::npos) {
    const std::size_t slash = essence.find('/');
    const bool is_tail = slash < blank && ascii::trim(essence.substr(slash + 1, blank - slash - 1)).size() > 0;
    if (is_tail) {
      text = {essence.data() + blank, static_cast<std::size_t>(text.data() + text.size() - (essence.data() + blank))};
      essence = essence.substr(0, blank);
    }
  }
  const std::size_t slash = essence.find('/');
  const std::string type = token(essence.substr(0, slash));
  const std::string subtype = slash == std::string_view::npos ? std::string() : token(essence.substr(slash + 1));
  if (!type.empty() && !subtype.empty()) {
    out.type = type;
    out.subtype = subtype;
  } else if (type == "multipart") {
    out.type = type;
    out.subtype = "mixed";
  }
  std::vector<Pieces> extended;
  for (std::size_t count = 0; count < kMaxParameters; ++count) {
    auto raw = take_parameter(text);
    if (!raw) break;
    if (raw->name.empty() || collect(*raw, extended)) continue;
    if (out.parameter(raw->name).empty()) out.parameters.emplace_back(std::move(raw->name), std::move(raw->value));
  }
  for (Pieces& pieces : extended) {
    std::string joined_value = joined(pieces);
    const auto known = std::ranges::find(out.parameters, pieces.name, [](const auto& p) { return p.first; });
    if (known != out.parameters.end()) {
      known->second = std::move(joined_value);
    } else {
      out.parameters.emplace_back(std::move(pieces.name), std::move(joined_value));
    }
  }
  return out;
}

}  // namespace anechoic::mail
