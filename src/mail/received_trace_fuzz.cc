// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "mail/received_trace.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const mail::ReceivedParts parts = mail::parse_received(text);
  for (const std::string_view part : {parts.from, parts.from_name, parts.by, parts.id, parts.recipient, parts.date}) {
    require(part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size()),
            "parts lie inside");
  }
  const mail::Hop hop = mail::parse_hop(text);
  require(hop.address == parts.client && hop.by == parts.by, "a hop is its parts");
  require(mail::read_trace(mail::HeaderBlock::parse(text)).size() <= limits::kReceivedFields, "so many and no more");
  return 0;
}
