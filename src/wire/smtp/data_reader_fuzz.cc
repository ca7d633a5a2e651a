// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "testing/body_check.h"
#include "testing/fuzz_input.h"
#include "wire/smtp/data_reader.h"

namespace {

using namespace anechoic;
using testing::require;

struct Run {
  std::string body;
  std::size_t taken = 0;
  bool ended = false;
  smtp::BodyFault fault = smtp::BodyFault::None;
};

void read(smtp::DataReader& reader, std::string_view piece, Run& run) {
  while (!piece.empty() && !reader.ended()) {
    const std::size_t before = piece.size();
    const std::string_view part = reader.read(piece);
    run.body += part;
    require(piece.size() < before || !part.empty(), "there is progress");
    run.taken += before - piece.size();
  }
  run.ended = reader.ended();
  run.fault = reader.scanner().fault();
}

std::string stuffed(std::string_view body) {
  std::string out;
  bool start = true;
  for (const char c : body) {
    if (start && c == '.') out += '.';
    out += c;
    start = c == '\n';
  }
  return out + ".\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t seed = testing::take_octet(text);
  smtp::BodyRules rules;
  rules.normalize = (seed & 1U) != 0;
  rules.octets = (seed & 2U) != 0 ? 100 : 0;
  rules.line_octets = (seed & 4U) != 0 ? 40 : 0;

  Run whole;
  smtp::DataReader reader(rules);
  read(reader, text, whole);
  Run pieces;
  smtp::DataReader slow(rules);
  testing::in_pieces(text, seed, [&](std::string_view piece) { read(slow, piece, pieces); });
  require(pieces.ended == whole.ended && pieces.taken == whole.taken, "the end does not depend on the pieces");
  require(pieces.fault == whole.fault, "nor does the fault");

  const std::size_t end = ("\r\n" + std::string(text)).find("\r\n.\r\n");
  require(whole.ended == (end != std::string::npos), "CRLF.CRLF ends, and nothing else");
  require(!whole.ended || whole.taken == end + 3, "where it stands");
  if (whole.fault != smtp::BodyFault::None) return 0;
  require(pieces.body == whole.body, "nor does the body");
  require(whole.body.size() == reader.scanner().octets(), "octets are counted");
  require(rules.octets == 0 || whole.body.size() <= rules.octets, "the size is kept");
  require(testing::has_right_line_ends(whole.body, whole.ended), "no bare CR or LF, no NUL");
  if (whole.ended && !rules.normalize) {
    // A dot that was stuffed without need is removed as well, so the way back is compared by what comes out of it.
    Run again;
    smtp::DataReader second(rules);
    read(second, stuffed(whole.body), again);
    require(again.ended && again.body == whole.body, "stuffing brings it back");
  }
  return 0;
}
