// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/body_digests.h"
#include "auth/dkim/naive_body.h"
#include "crypto/digest.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using namespace anechoic::auth::dkim;
  using testing::require;
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t seed = testing::take_octet(text);
  const std::uint8_t limit = testing::take_octet(text);
  for (const Canonicalization canonicalization : {Canonicalization::Simple, Canonicalization::Relaxed}) {
    BodyDigests digests;
    const std::size_t all = digests.want(canonicalization, std::nullopt).value();
    const std::size_t some = digests.want(canonicalization, limit).value();
    const std::size_t more = digests.want(canonicalization, limit * 3).value();
    testing::in_pieces(text, seed, [&](std::string_view piece) { digests.feed(piece); });
    digests.finish();
    const std::string whole = naive_body(canonicalization, text);
    const auto sha256 = [&](std::size_t length) {
      crypto::Sha256 digest;
      digest.update(std::string_view(whole).substr(0, length));
      return digest.finish();
    };
    require(digests.length(canonicalization) == whole.size(), "the length");
    require(digests.digest(all) == sha256(whole.size()), "the whole body");
    require(digests.digest(some) == sha256(limit), "l=");
    require(digests.digest(more) == sha256(limit * 3U), "another l=");
  }
  return 0;
}
