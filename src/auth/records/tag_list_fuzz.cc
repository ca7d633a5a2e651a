// SPDX-License-Identifier: Apache-2.0
#include "auth/records/tag_list.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const auto list = auth::TagList::parse(text);
  if (list) {
    require(!list->tags().empty() && list->tags().size() <= auth::TagList::kMost, "a bounded list of at least one tag");
    std::string written;
    for (const auth::Tag& tag : list->tags()) {
      require(list->find(tag.name) == tag.value, "no tag is there twice");
      written += std::string(tag.name) + "=" + std::string(tag.value) + ";";
    }
    const auto again = auth::TagList::parse(written);
    require(again && again->tags() == list->tags(), "what we write we read");
  }
  std::string joined;
  for (const std::string_view piece : auth::split_list(text, ':')) joined += auth::without_blanks(piece) + ":";
  joined.pop_back();
  require(joined == auth::without_blanks(text), "splitting loses nothing but blanks");
  require(auth::decode_base64(auth::encode_base64(text)) == text, "base64 there and back");
  if (const auto bytes = auth::decode_base64(text))
    require(auth::decode_base64(auth::encode_base64(*bytes)) == *bytes, "and back and there");
  return 0;
}
