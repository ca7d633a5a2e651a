// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/key_record.h"
#include "auth/records/tag_list.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  const std::string_view text = testing::as_text(data, size);
  const auto record = auth::dkim::parse_key_record(text);
  if (!record) return 0;
  const auto tags = auth::TagList::parse(text);
  testing::require(tags && tags->find("p"), "it has a key");
  testing::require(record->revoked() == auth::without_blanks(*tags->find("p")).empty(), "or an empty one");
  if (record->type && !record->revoked()) (void)crypto::PublicKey::parse(*record->type, record->key);
  return 0;
}
