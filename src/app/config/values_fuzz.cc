// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/config/values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // What is read can be printed and read back as the same value.
  if (const auto octets = parse_size(text); octets && parse_size(size_text(*octets)) != octets) std::abort();
  if (const auto duration = parse_duration(text); duration) {
    if (*duration > kLongest || parse_duration(duration_text(*duration)) != duration) std::abort();
  }
  if (size < 64) {
    const unsigned distance = edit_distance(text.substr(0, size / 2), text.substr(size / 2));
    if (distance > size - size / 2) std::abort();
    if (edit_distance(text, text) != 0) std::abort();
  }
  return 0;
}
