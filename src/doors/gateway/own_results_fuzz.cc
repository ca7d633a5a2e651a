// SPDX-License-Identifier: Apache-2.0
#include "doors/gateway/own_results.h"
#include "testing/fuzz_input.h"

namespace {

std::vector<anechoic::spool::Range> found(std::string_view text, std::uint8_t seed, bool whole) {
  const std::vector<std::string> names{"mx.example.org"};
  anechoic::gateway::OwnResults finder(names);
  if (whole) {
    finder.feed(text);
  } else {
    anechoic::testing::in_pieces(text, seed, [&](std::string_view piece) { finder.feed(piece); });
  }
  finder.finish();
  return finder.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using anechoic::testing::require;
  std::string_view text = anechoic::testing::as_text(data, size);
  const std::uint8_t seed = anechoic::testing::take_octet(text);
  const auto ranges = found(text, seed, true);
  require(found(text, seed, false) == ranges, "the pieces do not matter");
  std::uint64_t at = 0;
  std::string left;
  for (const auto& range : ranges) {
    require(range.length > 0 && range.offset >= at && range.offset + range.length <= text.size(), "in order, within");
    left += text.substr(at, range.offset - at);
    at = range.offset + range.length;
  }
  left += text.substr(at);
  require(found(left, seed, true).empty(), "nothing of ours is left");
  return 0;
}
