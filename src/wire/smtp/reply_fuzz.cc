// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "testing/fuzz_input.h"
#include "wire/smtp/reply.h"

namespace {

using namespace anechoic;
using testing::require;

void check_wire(std::string_view wire, bool utf8) {
  require(!wire.empty() && wire.ends_with("\r\n"), "a reply ends");
  while (!wire.empty()) {
    const std::size_t end = wire.find("\r\n");
    const std::string_view line = wire.substr(0, end);
    require(end + 2 <= limits::kReplyLine, "a line within its bound");
    require(std::ranges::none_of(line, ascii::is_control), "a line holds no controls");
    require(utf8 || std::ranges::none_of(line, ascii::is_high), "ASCII, unless asked otherwise");
    wire.remove_prefix(end + 2);
    require(line.size() > 3 && line[3] == (wire.empty() ? ' ' : '-'), "hyphens on all lines but the last");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  smtp::Reply reply;
  reply.code = static_cast<std::uint16_t>(testing::take_octet(text) * 4U);
  reply.enhanced.klass = testing::take_octet(text) % 8U;
  reply.enhanced.subject = static_cast<std::uint16_t>(testing::take_octet(text) * 257U);
  reply.enhanced.detail = static_cast<std::uint16_t>(testing::take_octet(text) * 4U);
  reply.text = text;

  const smtp::Reply clean = smtp::sanitise(reply);
  require(clean == smtp::sanitise(clean), "what is clean stays as it is");
  require(clean.code >= 200 && clean.code < 600 && clean.code != 421, "a code for clients");
  require(!clean.enhanced.present() || clean.enhanced.klass == clean.code / 100, "classes agree");
  require(!clean.text.empty() && std::ranges::count(clean.text, '\n') < 5, "one to five lines");
  for (const bool utf8 : {false, true}) {
    check_wire(smtp::to_wire(clean, utf8), utf8);
    if (reply.code < 100 || reply.code > 999) continue;
    reply.enhanced.subject %= 1000;
    reply.enhanced.detail %= 1000;
    check_wire(smtp::to_wire(reply, utf8), utf8);
  }
  require(std::ranges::none_of(smtp::to_string(reply), ascii::is_control), "one line for logs");
  (void)smtp::parse_enhanced(text);
  return 0;
}
