// SPDX-License-Identifier: Apache-2.0
// The first octet chooses the size of the pieces. A strict reader must get the same body, or the body is refused.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "testing/strict_data.h"
#include "wire/smtp/body_stuffer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace testdata = anechoic::smtp::testdata;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = 1 + data[0] % 16;
  anechoic::smtp::BodyStuffer stuffer;
  std::string wire;
  bool good = true;
  for (std::size_t at = 0; at < body.size() && good; at += piece) good = stuffer.feed(body.substr(at, piece), wire);
  good = good && stuffer.finish(wire);
  if (good == testdata::has_bare_line_end(body)) std::abort();
  if (!good) return 0;
  const auto read = testdata::read_strictly(wire);
  const bool ended = body.empty() || body.ends_with("\r\n");
  if (!read || *read != std::string(body) + (ended ? "" : "\r\n")) std::abort();
  return 0;
}
