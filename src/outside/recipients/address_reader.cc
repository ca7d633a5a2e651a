// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/address_reader.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace anechoic::recipients {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || ascii::is_blank(line[i - 1]))) {
      line = line.substr(0, i);
      break;
    }
  }
  while (!line.empty() && (ascii::is_blank(line.back()) || line.back() == '\r')) {
    line.remove_suffix(1);
  }
  while (!line.empty() && ascii::is_blank(line.front())) {
    line.remove_prefix(1);
  }
  return line;
}

}  // namespace

void AddressReader::bad(std::string problem) {
  ++file_.bad_line_count;
  if (file_.bad_lines.size() < kReported) {
    file_.bad_lines.push_back({number_, std::move(problem)});
  }
}

Result<void> AddressReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_.append(part.substr(0, kLine + 1 - std::min(line_.size(), kLine + 1)));
    if (end == std::string_view::npos) {
      return {};
    }
    if (auto ended = end_line(); !ended) {
      return ended;
    }
    bytes.remove_prefix(end + 1);
  }
  return {};
}

Result<void> AddressReader::end_line() {
  std::string_view text = line_;
  if (number_ == 1 && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Result<void> taken;
  if (line_.size() > kLine) {
    bad("longer than " + std::to_string(kLine) + " octets; write one address a line");
  } else if (text = without_comment(text); !text.empty()) {
    taken = take(text);
  }
  line_.clear();
  ++number_;
  return taken;
}

Result<void> AddressReader::take(std::string_view text) {
  if (text.front() == '@') {
    auto domain = mail::parse_domain(text.substr(1), mail::Utf8::Allowed);
    if (!domain) {
      bad("not a domain rule (" + domain.error().detail + "); write @example.org");
      return {};
    }
    return builder_.add_domain(*domain);
  }
  auto mailbox = mail::parse_mailbox(text, mail::Utf8::Allowed);
  if (!mailbox) {
    bad("not an address (" + mailbox.error().detail + "); write user@example.org, one a line");
    return {};
  }
  return builder_.add(*mailbox, rules_);
}

Result<AddressFile> AddressReader::finish() && {
  if (!line_.empty()) {
    if (auto ended = end_line(); !ended) {
      return Failure(ended.error());
    }
  }
  file_.table = std::move(builder_).finish();
  return std::move(file_);
}

}  // namespace anechoic::recipients
