// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace anechoic::crypto {
namespace {

// FIPS 180-2, appendix B.1.
constexpr std::string_view kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, GivesThePublishedValue) {
  Sha256 digest;
  digest.update("abc");
  EXPECT_EQ(digest.hex(), kAbc);
}

TEST(Sha256, DoesNotCareForThePieces) {
  Sha256 digest;
  digest.update("a");
  digest.update("");
  digest.update("bc");
  EXPECT_EQ(digest.hex(), kAbc);
}

TEST(Sha256, CopiesGoOnByThemselves) {
  Sha256 digest;
  digest.update("a");
  Sha256 other = digest.copy();
  digest.update("bc");
  EXPECT_EQ(digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(other.hex(), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
}

}  // namespace
}  // namespace anechoic::crypto
