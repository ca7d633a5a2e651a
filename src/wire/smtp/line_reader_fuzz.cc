// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "base/limits.h"
#include "testing/fuzz_input.h"
#include "wire/smtp/line_reader.h"

namespace {

using namespace anechoic;
using testing::require;

struct Run {
  std::vector<std::string> lines;  // "!" for a bad one
  std::size_t kept = 0;
};

void read_all(smtp::LineReader& reader, std::string& input, Run& run) {
  for (;;) {
    const smtp::LineRead read = reader.read(input);
    require(read.taken <= input.size(), "takes what is there");
    if (read.status == smtp::LineStatus::Line) {
      require(read.line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "a line is clean");
      require(read.taken == read.line.size() + 2 && read.taken <= limits::kCommandLine, "a line within its bound");
      run.lines.emplace_back(read.line);
    } else if (read.status != smtp::LineStatus::NeedMore) {
      run.lines.emplace_back("!");
    }
    reader.take(read);
    input.erase(0, read.taken);
    if (read.status == smtp::LineStatus::NeedMore && read.taken == 0) break;
  }
  require(input.size() < limits::kCommandLine, "what is kept is bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t seed = testing::take_octet(text);
  Run whole;
  smtp::LineReader reader;
  std::string input(text);
  read_all(reader, input, whole);

  Run pieces;
  smtp::LineReader slow;
  std::string rest;
  testing::in_pieces(text, seed, [&](std::string_view piece) {
    rest += piece;
    read_all(slow, rest, pieces);
  });
  require(pieces.lines == whole.lines, "the pieces do not matter");

  // As many lines as there are CRLFs, but for a bad one that was answered before its end came.
  std::size_t ends = 0;
  std::size_t last = 0;
  for (std::size_t at = text.find("\r\n"); at != std::string_view::npos; at = text.find("\r\n", last)) {
    ++ends;
    last = at + 2;
  }
  require(whole.lines.size() == ends || (whole.lines.size() == ends + 1 && whole.lines.back() == "!"),
          "one answer a line");
  return 0;
}
