// SPDX-License-Identifier: Apache-2.0
#include "mail/header_block.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "base/limits.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kLostLines = 12;  // that may lie between two fields

// Fields have names of letters, digits and hyphens; a few have others. What begins otherwise is text, or the rest of a
// folded value ("h=From:Date:Subject").   RFC 5322 2.2
constexpr std::array<bool, 256> name_characters() {
  constexpr std::string_view kSpecials = "\"'(),;<=>?@[\\]{}";
  std::array<bool, 256> can{};
  for (unsigned c = '!'; c < 127; ++c) can[c] = !kSpecials.contains(static_cast<char>(c));
  return can;
}
constexpr std::array<bool, 256> kInName = name_characters();

bool is_name(std::string_view name) {
  return !name.empty() && ascii::is_alpha(name.front()) &&
         std::ranges::all_of(name, [](char c) { return kInName[static_cast<unsigned char>(c)]; });
}

// RFC 5322 2.2.
bool is_exact_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && ascii::is_printable(c); });
}

// The name before the line's colon; "" if it is no field.
std::string_view name_of(std::string_view line, bool exact = false) {
  std::string_view name = line.substr(0, line.find(':'));
  if (name.size() == line.size()) return {};
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  return (exact ? is_exact_name(name) : is_name(name)) ? name : std::string_view();
}

// Those without which a header is no message's.
constexpr std::array<std::string_view, 6> kEssential{"From", "To", "Subject", "Date", "Message-ID", "Received"};

bool is_essential(std::string_view name) {
  return std::ranges::any_of(kEssential, [&](std::string_view known) { return ascii::iequals(known, name); });
}

// Of a message's header, with some certainty.
bool is_well_known(std::string_view name) {
  constexpr std::array<std::string_view, 17> kNames{
      "Cc",           "MIME-Version",   "Content-Type", "Content-Transfer-Encoding",
      "Reply-To",     "Return-Path",    "Sender",       "References",
      "In-Reply-To",  "DKIM-Signature", "Received-SPF", "Authentication-Results",
      "Delivered-To", "Importance",     "Priority",     "User-Agent",
      "Thread-Index"};
  constexpr std::array<std::string_view, 3> kPrefixes{"X-", "List-", "ARC-"};
  return is_essential(name) ||
         std::ranges::any_of(kNames, [&](std::string_view known) { return ascii::iequals(known, name); }) ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return ascii::istarts_with(name, prefix); });
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

class HeaderBlock::Reader {
 public:
  enum class Mode : std::uint8_t { Any, Message, Exact };
  Reader(std::string_view bytes, Mode mode)
      : bytes_(bytes.substr(0, limits::kHeaderBytes)),
        more_(bytes.size() > limits::kHeaderBytes),
        message_(mode == Mode::Message),
        exact_(mode == Mode::Exact) {}

  HeaderBlock run() {
    while (is_mbox_line(bytes_.substr(at_, 80))) at_ = behind_line(bytes_, at_);
    if (message_) skip_blank_lines();
    while (at_ < bytes_.size()) {
      const std::size_t next = behind_line(bytes_, at_);
      const std::string_view raw = bytes_.substr(at_, next - at_);
      const std::string_view line = without_line_end(raw);
      if (line.empty()) {
        if (!goes_on_behind(next)) {
          block_.body_offset_ = next;
          return std::move(block_);
        }
      } else {
        const bool folded = ascii::is_blank(line.front());
        if (folded ? !block_.fields_.empty() : is_lost(line, next)) {
          if (!block_.fields_.empty()) extend(raw);
        } else if (folded || !add(line, raw)) {
          break;
        }
      }
      at_ = next;
    }
    block_.body_offset_ = at_;
    block_.truncated_ = block_.truncated_ || (more_ && at_ == bytes_.size());
    return std::move(block_);
  }

 private:
  // Webmail's "show original", copied and pasted, begins with them.
  void skip_blank_lines() {
    std::size_t at = at_;
    for (int i = 0; i < 5 && at < bytes_.size(); ++i) {
      const std::size_t next = behind_line(bytes_, at);
      if (!ascii::trim(without_line_end(bytes_.substr(at, next - at))).empty()) break;
      at = next;
    }
    if (at == at_ || at >= bytes_.size()) return;
    if (is_well_known(name_of(without_line_end(bytes_.substr(at, behind_line(bytes_, at) - at))))) at_ = at;
  }
  bool add(std::string_view line, std::string_view raw) {
    // A line of two hyphens is a boundary that comes too early; no name begins with one.
    const std::string_view name = name_of(line, exact_);
    if (name.empty()) return false;
    if (block_.fields_.size() == kMaxFields) {
      block_.truncated_ = true;
      return false;
    }
    if (block_.fields_.empty()) block_.fields_.reserve(16);
    block_.fields_.push_back({name, line.substr(line.find(':') + 1), raw});
    if (message_ && !whole_) whole_ = is_essential(name);
    return true;
  }
  void extend(std::string_view raw) {
    Field& last = block_.fields_.back();
    last.raw = {last.raw.data(), last.raw.size() + raw.size()};
    const auto value_at = static_cast<std::size_t>(last.value.data() - last.raw.data());
    last.value = without_line_end(last.raw.substr(value_at));
  }
  // A continuation without its blank, or junk before the first field: only if the header goes on soon.
  bool is_lost(std::string_view line, std::size_t next) {
    if (!message_ || line.starts_with("--") || !name_of(line).empty()) return false;
    if (next <= header_up_to_) return true;
    for (std::size_t i = 0, at = next; i < kLostLines && at < bytes_.size(); ++i) {
      const std::size_t end = behind_line(bytes_, at);
      const std::string_view ahead = without_line_end(bytes_.substr(at, end - at));
      // One long word behind "Name:" is that field's value, even if nothing follows.
      if (ahead.empty())
        return !block_.fields_.empty() && ascii::trim(block_.fields_.back().value).empty() && !line.contains(' ');
      if (ahead.starts_with("--")) return false;
      const std::string_view name = name_of(ahead);
      if (is_well_known(name) && is_new(name)) {
        header_up_to_ = at;
        return true;
      }
      at = end;
    }
    return false;
  }
  // Text that tells of a message ("Subject: ...") repeats what its own header has.
  [[nodiscard]] bool is_new(std::string_view name) const {
    return !block_.has(name) || ascii::iequals(name, "Received") || ascii::istarts_with(name, "X-");
  }
  [[nodiscard]] bool goes_on_behind(std::size_t at) const {
    if (!message_ || whole_ || block_.fields_.empty() || block_.has("Content-Type")) return false;
    return is_well_known(name_of(without_line_end(bytes_.substr(at, behind_line(bytes_, at) - at))));
  }

  std::string_view bytes_;
  bool more_;     // behind the bound
  bool message_;  // not of a part
  const bool exact_;
  std::size_t at_ = 0;
  std::size_t header_up_to_ = 0;  // lines before it are the header's, whatever they look like
  bool whole_ = false;            // an essential field was there
  HeaderBlock block_;
};

HeaderBlock HeaderBlock::parse(std::string_view bytes) {
  return Reader(bytes, Reader::Mode::Any).run();
}

HeaderBlock HeaderBlock::parse_message(std::string_view bytes) {
  return Reader(bytes, Reader::Mode::Message).run();
}

HeaderBlock HeaderBlock::parse_exact(std::string_view bytes) {
  return Reader(bytes, Reader::Mode::Exact).run();
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
