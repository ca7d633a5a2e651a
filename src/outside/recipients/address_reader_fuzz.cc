// SPDX-License-Identifier: Apache-2.0
// Any file can be read: in one piece and in chunks with the same result, and every address that stands alone on a line
// is found again. The first octet chooses the rules and the size of the chunks.
#include <cstdlib>
#include <string_view>

#include "outside/recipients/address_reader.h"

namespace {

using anechoic::recipients::AddressFile;
using anechoic::recipients::AddressReader;
using anechoic::recipients::AddressRules;
using anechoic::recipients::Listed;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

AddressFile read(std::string_view text, const AddressRules& rules, std::size_t chunk) {
  AddressReader reader(rules);
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    require(reader.feed(text.substr(at, chunk)).has_value());
  }
  auto file = std::move(reader).finish();
  require(file.has_value());
  return *std::move(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const AddressRules rules{.case_sensitive = (data[0] & 1U) != 0, .subaddress = (data[0] & 2U) != 0 ? "+-" : ""};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const AddressFile whole = read(text, rules, size);
  const AddressFile parts = read(text, rules, 1U + (data[0] >> 2U));
  require(whole.table.size() == parts.table.size());
  require(whole.bad_lines == parts.bad_lines);
  require(whole.bad_line_count == parts.bad_line_count);
  require(whole.bad_lines.size() <= AddressReader::kReported);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const bool byte_order_mark = at == 0 && line.starts_with("\xef\xbb\xbf");  // left out by the reader
    if (!byte_order_mark && line.size() < AddressReader::kLine && line.find('#') == std::string_view::npos) {
      if (const auto mailbox = anechoic::mail::parse_mailbox(line, anechoic::mail::Utf8::Allowed)) {
        require(whole.table.find(*mailbox, rules) == Listed::Exactly);
      }
    }
    at = end + 1;
  }
  return 0;
}
