// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "testing/body_check.h"
#include "testing/fuzz_input.h"
#include "wire/smtp/bdat_reader.h"

namespace {

using namespace anechoic;
using testing::require;

// Reads `text` in chunks whose lengths depend on `seed`; each chunk comes in pieces of at most `piece` octets.
struct Run {
  Run(const smtp::BodyRules& rules, std::string_view text, std::uint8_t seed, std::size_t piece) : reader(rules) {
    std::uint32_t state = seed;
    for (bool last = false; !last;) {
      state = state * 1664525U + 1013904223U;
      const std::size_t length = std::min<std::size_t>(state >> 27U, text.size());
      last = length == text.size();
      reader.begin_chunk(length, last);
      std::string_view chunk = text.substr(0, length);
      text.remove_prefix(length);
      while (!reader.chunk_done()) {
        std::string_view part = chunk.substr(0, piece);
        const std::size_t before = part.size();
        body += reader.read(part);
        chunk.remove_prefix(before - part.size());
      }
      require(chunk.empty(), "all octets of a chunk are taken");
    }
  }
  smtp::BdatReader reader;
  std::string body;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t seed = testing::take_octet(text);
  smtp::BodyRules rules;
  rules.normalize = (seed & 1U) != 0;
  rules.octets = (seed & 2U) != 0 ? 100 : 0;
  const Run whole(rules, text, seed, text.size() + 1);
  const Run octets(rules, text, seed, 1);
  const smtp::BodyFault fault = whole.reader.scanner().fault();
  require(fault == octets.reader.scanner().fault(), "the fault does not depend on the pieces");
  if (fault != smtp::BodyFault::None) return 0;
  require(whole.body == octets.body, "nor does the body");
  require(testing::has_right_line_ends(whole.body, true), "no bare CR or LF, no NUL");
  if (!rules.normalize) {
    const bool ends = text.empty() || text.ends_with("\r\n");
    require(whole.body == std::string(text) + (ends ? "" : "\r\n"), "the body as it was sent");
  }
  return 0;
}
