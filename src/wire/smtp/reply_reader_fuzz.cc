// SPDX-License-Identifier: Apache-2.0
// The first octet chooses the size of the pieces; the replies must be those of the input read whole.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "wire/smtp/reply_reader.h"

using anechoic::smtp::Reply;
using anechoic::smtp::ReplyReader;

namespace {

struct Got {
  std::vector<Reply> replies;
  bool failed = false;
  friend bool operator==(const Got&, const Got&) = default;
};

Got read(std::string_view input, std::size_t piece) {
  Got got;
  ReplyReader reader;
  while (!input.empty() && !got.failed) {
    std::string_view part = input.substr(0, piece);
    input.remove_prefix(part.size());
    while (!part.empty() && !got.failed) {
      auto reply = reader.next(part);
      got.failed = !reply;
      if (reply && *reply) got.replies.push_back(**reply);
    }
  }
  return got;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Got whole = read(input, size);
  if (!(read(input, 1 + data[0] % 16) == whole)) std::abort();
  for (Reply reply : whole.replies) {
    if (reply.code < 200 || reply.code > 599) std::abort();
    if (reply.text.size() > anechoic::limits::kReplyLines * anechoic::limits::kReplyLineAccepted) std::abort();
    if (reply.text.find('\r') != std::string::npos) std::abort();
    split_enhanced(reply);
  }
  return 0;
}
