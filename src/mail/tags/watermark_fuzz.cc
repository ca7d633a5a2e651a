// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/watermark.h"
#include "testing/fuzz_input.h"
#include "testing/tag_keys.h"

// A header block, also with LF and under a line of another's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using mail::HeaderBlock;
  using testing::require;
  // Behind a field, as all mail has one of our own before it: what it begins with would add to the mark else.
  const std::string text = "Received: x\r\n" + std::string(testing::as_text(data, size));
  const mail::tags::KeyRing keys = testing::tag_ring(testing::tag_key(0, "secret"));
  const mail::tags::Watermark mark(keys, {});
  const HeaderBlock header = HeaderBlock::parse(text);
  require(!mark.verify(header, testing::noon(20000)).proves_sent(), "nobody guesses a mark");
  const auto field = mark.write(header, testing::noon(20000));
  if (!field) return 0;
  require(field->size() <= 80 && field->find("\r\n") == field->size() - 2, "one short line");
  for (const std::string& line : {*field, field->substr(0, field->size() - 2) + "\n"}) {
    const std::string whole = line + text;
    const auto reading = mark.verify(HeaderBlock::parse(whole), testing::noon(20030));
    require(reading.state == mail::tags::MarkState::Good, "what we mark we know again");
    const std::string changed =
        line + "Message-ID: <another@example.com>\r\nDate: 1 Jan 1990 00:00 +0000\r\n" + std::string(text);
    require(!mark.verify(HeaderBlock::parse(changed), testing::noon(20000)).proves_sent(), "of that message");
  }
  return 0;
}
