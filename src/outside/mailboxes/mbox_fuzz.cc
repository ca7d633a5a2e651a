// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "outside/mailboxes/mbox_splitter.h"
#include "testing/fuzz_input.h"

namespace {

struct Found {
  std::uint64_t offset;
  std::uint64_t size;
  std::string head;
  friend bool operator==(const Found&, const Found&) = default;
};

template <typename Feed>
std::vector<Found> split(std::size_t head_bytes, std::uint64_t& preamble, const Feed& feed) {
  using anechoic::mailboxes::MboxSplitter;
  std::vector<Found> found;
  MboxSplitter splitter(
      [&](const MboxSplitter::Message& message) {
        found.push_back({message.offset, message.size, std::string(message.head)});
        return true;
      },
      head_bytes);
  feed(splitter);
  splitter.finish();
  preamble = splitter.preamble();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using anechoic::testing::require;
  std::string_view text = anechoic::testing::as_text(data, size);
  const std::uint8_t seed = anechoic::testing::take_octet(text);
  const std::size_t head_bytes = seed % 2U == 0 ? 4096 : 16;

  std::uint64_t preamble = 0;
  const auto whole = split(head_bytes, preamble, [&](auto& splitter) { splitter.feed(text); });
  std::uint64_t at = preamble;
  for (const Found& message : whole) {
    require(message.offset == at && message.size >= 5, "messages stand one behind the other");
    require(text.substr(at).starts_with("From "), "each begins with its line");
    require(message.head.size() <= head_bytes, "the head is bounded");
    require(text.substr(at, message.size).find(message.head) != std::string_view::npos, "the head is of the message");
    at += message.size;
  }
  require(at == text.size(), "every byte is in a message or before the first");

  std::uint64_t preamble_in_pieces = 0;
  const auto pieces = split(head_bytes, preamble_in_pieces, [&](auto& splitter) {
    anechoic::testing::in_pieces(text, seed, [&](std::string_view piece) { splitter.feed(piece); });
  });
  require(pieces == whole && preamble_in_pieces == preamble, "the pieces do not matter");
  return 0;
}
