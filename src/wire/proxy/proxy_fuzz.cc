// SPDX-License-Identifier: Apache-2.0
#include "testing/fuzz_input.h"
#include "wire/proxy/proxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const auto decoded = proxy::decode(text);
  if (!decoded) {
    require(!proxy::decode(std::string(text) + "x"), "what is wrong stays wrong");
    return 0;
  }
  if (std::holds_alternative<proxy::NeedMore>(*decoded)) {
    require(text.size() < proxy::kMaxHeader, "a header is bounded");
    return 0;
  }
  const auto& header = std::get<proxy::Header>(*decoded);
  require(header.length <= text.size() && header.length <= proxy::kMaxHeader, "the header lies within the input");
  for (std::size_t i = 0; i < header.length; ++i) {
    const auto part = proxy::decode(text.substr(0, i));
    require(part && std::holds_alternative<proxy::NeedMore>(*part), "no part of a header is one");
  }
  return 0;
}
