// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include <gtest/gtest.h>

namespace anechoic::crypto {
namespace {

std::string hex(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char octet : octets) {
    text += kDigits[static_cast<unsigned char>(octet) >> 4U];
    text += kDigits[static_cast<unsigned char>(octet) & 15U];
  }
  return text;
}

struct Case {
  std::string key;
  std::string text;
  std::string sha1;
  std::string sha256;
};

// RFC 2202 3 and RFC 4231 4; "" where the RFC has another input.
const Case kCases[] = {
    {std::string(20, '\x0b'), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'), "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "aa4ae5e15272d00e95705637ce8a3b55ed402112", ""},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First", "",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"", "", "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d",
     "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

TEST(Hmac, PublishedVectors) {
  for (const Case& each : kCases) {
    const Secret key(each.key);
    if (!each.sha1.empty()) EXPECT_EQ(hex(hmac(MacHash::Sha1, key, each.text)), each.sha1) << each.text;
    if (!each.sha256.empty()) EXPECT_EQ(hex(hmac(MacHash::Sha256, key, each.text)), each.sha256) << each.text;
  }
}

TEST(Hmac, ComparesWhole) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("bbc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("abc", ""));
}

}  // namespace
}  // namespace anechoic::crypto
