// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/record.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using namespace anechoic::auth;
  const std::string_view text = testing::as_text(data, size);
  const auto record = dmarc::parse_record(text);
  // A version in front of anything makes it a record.
  testing::require(dmarc::parse_record("v=DMARC1;" + std::string(text)).has_value(), "the version makes a record");
  if (!record) return 0;
  testing::require(record->text == text, "the text is kept");
  testing::require(record->usable || !record->problem.empty(), "a record that is not usable has a problem");
  testing::require(record->problem.empty() || (record->p == dmarc::Policy::None && !record->sp && !record->np),
                   "a problem leaves p=none at most");
  // Tags that nobody knows change nothing.
  const auto more = dmarc::parse_record(std::string(text) + "; zzz=1");
  testing::require(more && more->p == record->p && more->usable == record->usable && more->psd == record->psd,
                   "an unknown tag is ignored");
  return 0;
}
