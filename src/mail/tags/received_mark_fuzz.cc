// SPDX-License-Identifier: Apache-2.0
#include "mail/received.h"
#include "mail/tags/received_mark.h"
#include "testing/fuzz_input.h"
#include "testing/tag_keys.h"

// A header block; and the same text as what a client says of itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const mail::tags::KeyRing keys = testing::tag_ring(testing::tag_key(0, "secret"));
  using mail::tags::MarkState;
  require(find_received_mark(keys, mail::HeaderBlock::parse(text)).state != MarkState::Good, "nobody guesses a mark");

  mail::Received field;
  field.helo = text;
  field.client = *ip::parse_address("192.0.2.1");
  field.client_name = text;
  field.by = "mx.example.org";
  field.id = "abcdefghijklmaab";
  field.at = testing::noon(20000);
  field.mark = mail::tags::received_mark(keys, field.id, field.at);
  const std::string header = mail::write_received(field) + std::string(text);
  const auto found = find_received_mark(keys, mail::HeaderBlock::parse(header));
  require(found.state == MarkState::Good && found.id == field.id && found.at == field.at, "what we mark we know again");
  return 0;
}
