// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "mail/header_block.h"
#include "testing/fuzz_input.h"

namespace {

using namespace anechoic;
using testing::require;

void check(std::string_view text, const mail::HeaderBlock& block) {
  require(block.body_offset() <= text.size(), "the body begins inside");
  require(block.body_offset() <= limits::kHeaderBytes, "the block is bounded");
  require(block.fields().size() <= mail::HeaderBlock::kMaxFields, "the fields are bounded");
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (const mail::Field& field : block.fields()) {
    require(field.raw.data() >= at && field.raw.data() + field.raw.size() <= end, "fields lie inside, in order");
    at = field.raw.data() + field.raw.size();
    require(field.name.data() == field.raw.data() && !field.name.empty(), "a field begins with its name");
    require(field.value.data() > field.name.data() && field.value.data() + field.value.size() <= at, "then its value");
    require(mail::unfold(field.value).find_first_of("\r\n") == std::string::npos, "unfolded is one line");
    require(mail::without_comments(field.value).size() <= field.value.size(), "comments only go");
    require(block.find(field.name) != nullptr, "what is there is found");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = testing::as_text(data, size);
  check(text, mail::HeaderBlock::parse(text));
  check(text, mail::HeaderBlock::parse_message(text));
  check(text, mail::HeaderBlock::parse_exact(text));
  return 0;
}
