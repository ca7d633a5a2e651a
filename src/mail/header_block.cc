// SPDX-License-Identifier: Apache-2.0
#include "mail/header_block.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"

namespace anechoic::mail {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 127; });
}

// An mbox separator; "From : x" is a field.
bool is_mbox_line(std::string_view line) {
  if (line.starts_with('>')) line.remove_prefix(1);
  if (!line.starts_with("From ")) return false;
  return !ascii::trim(line.substr(4)).starts_with(':');
}

// Where the line that begins at `at` ends, behind its line end.
std::size_t behind_line(std::string_view bytes, std::size_t at) {
  const std::size_t end = bytes.find('\n', at);
  return end == std::string_view::npos ? bytes.size() : end + 1;
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

HeaderBlock HeaderBlock::parse(std::string_view bytes) {
  HeaderBlock block;
  const bool more = bytes.size() > limits::kHeaderBytes;
  bytes = bytes.substr(0, limits::kHeaderBytes);
  std::size_t at = 0;
  while (is_mbox_line(bytes.substr(at, 80))) at = behind_line(bytes, at);
  while (at < bytes.size()) {
    const std::size_t next = behind_line(bytes, at);
    const std::string_view raw = bytes.substr(at, next - at);
    const std::string_view line = without_line_end(raw);
    if (line.empty()) {
      block.body_offset_ = next;
      return block;
    }
    if (ascii::is_blank(line.front())) {
      if (block.fields_.empty()) break;
      Field& last = block.fields_.back();
      last.raw = {last.raw.data(), last.raw.size() + raw.size()};
      const auto value_at = static_cast<std::size_t>(last.value.data() - last.raw.data());
      last.value = without_line_end(last.raw.substr(value_at));
    } else {
      const std::size_t colon = line.find(':');
      // A line of two hyphens is a boundary that comes too early, even if it holds a colon.
      if (colon == std::string_view::npos || line.starts_with("--")) break;
      std::string_view name = line.substr(0, colon);
      while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
      if (!is_name(name)) break;
      if (block.fields_.size() == kMaxFields) {
        block.truncated_ = true;
        break;
      }
      if (block.fields_.empty()) block.fields_.reserve(16);
      block.fields_.push_back({name, line.substr(colon + 1), raw});
    }
    at = next;
  }
  block.body_offset_ = at;
  block.truncated_ = block.truncated_ || (more && at == bytes.size());
  return block;
}

const Field* HeaderBlock::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (ascii::iequals(field.name, name)) return &field;
  }
  return nullptr;
}

std::string HeaderBlock::value(std::string_view name) const {
  const Field* const field = find(name);
  return field == nullptr ? std::string() : unfold(field->value);
}

std::string unfold(std::string_view value) {
  constexpr std::string_view kLineEnds = "\r\n";
  constexpr std::string_view kWhite = " \t\r\n";
  const std::size_t first = value.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  value = value.substr(first, value.find_last_not_of(kWhite) + 1 - first);
  std::string out;
  out.reserve(value.size());
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(kLineEnds), value.size());
    out += value.substr(0, end);
    value.remove_prefix(end);
    if (value.empty()) break;
    while (!out.empty() && ascii::is_blank(out.back())) out.pop_back();
    out += ' ';
    value.remove_prefix(value.find_first_not_of(kWhite));
  }
  return out;
}

std::string without_comments(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\' && i + 1 < value.size() && (quoted || depth != 0)) {
      ++i;
      if (depth == 0) out += value.substr(i - 1, 2);
      continue;
    }
    if (c == '"' && depth == 0) quoted = !quoted;
    if (c == '(' && !quoted) ++depth;
    if (depth == 0) out += c;
    if (c == ')' && !quoted && depth != 0) --depth;
  }
  return unfold(out);
}

}  // namespace anechoic::mail
