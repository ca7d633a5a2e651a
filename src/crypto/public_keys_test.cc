// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_keys.h"

#include <gtest/gtest.h>

#include <chrono>

#include "crypto/digest.h"
#include "crypto/key_der.h"
#include "crypto/private_key.h"

namespace anechoic::crypto {
namespace {

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

// One value of DER.
std::string der(char tag, const std::string& value) {
  std::string out(1, tag);
  if (value.size() >= 0x80) {
    out += '\x82';
    out += static_cast<char>(value.size() >> 8U);
  }
  return out + static_cast<char>(value.size()) + value;
}

std::string rsa(const std::string& modulus, const std::string& exponent) {
  return der('\x30', der('\x02', modulus) + der('\x02', exponent));
}

std::string spki(const std::string& algorithm, const std::string& key) {
  return der('\x30', der('\x30', algorithm) + der('\x03', std::string(1, '\0') + key));
}

const std::string kRsaAlgorithm("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00", 13);
const std::string kEdAlgorithm("\x06\x03\x2B\x65\x70");
const std::string kF4("\x01\x00\x01", 3);

std::string odd_number(unsigned octets) {
  return std::string(1, '\0') + std::string(octets, '\xC3');
}

Errc code_of(KeyType type, const std::string& bytes) {
  const auto key = PublicKey::parse(type, bytes);
  return key ? Errc::NotFound : key.error().code;
}

TEST(PublicKey, VerifiesWhatAPrivateKeySigned) {
  for (const KeyType type : {KeyType::Rsa, KeyType::Ed25519}) {
    const PrivateKey signer = PrivateKey::generate(type).value();
    const PublicKey key = PublicKey::parse(type, signer.public_bytes()).value();
    EXPECT_EQ(key.type(), type);
    EXPECT_EQ(key.bits(), signer.bits());
    const std::string digest = sha256("what was written");
    const std::string signature = signer.sign(digest);
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(key.verifies(digest, signature));
      EXPECT_FALSE(key.verifies(sha256("something else"), signature));
      EXPECT_FALSE(key.verifies(digest, signature.substr(1)));
      EXPECT_FALSE(key.verifies(digest, ""));
      EXPECT_FALSE(key.verifies(digest, signature + "x"));
      EXPECT_FALSE(key.verifies(digest.substr(1), signature));
    }
    for (std::size_t at = 0; at < signature.size(); at += 7) {
      std::string changed = signature;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_FALSE(key.verifies(digest, changed)) << at;
    }
  }
}

TEST(PublicKey, TakesBothFormsOfEach) {
  const PrivateKey rsa_signer = PrivateKey::generate(KeyType::Rsa, 1024).value();
  const std::string whole = rsa_signer.public_bytes();
  const auto numbers = parse_rsa_der(whole).value();
  const std::string alone = rsa(std::string(1, '\0') + std::string(numbers.modulus), std::string(numbers.exponent));
  const std::string digest = sha256("x");
  EXPECT_TRUE(PublicKey::parse(KeyType::Rsa, alone).value().verifies(digest, rsa_signer.sign(digest)));
  EXPECT_TRUE(
      PublicKey::parse(KeyType::Rsa, spki(kRsaAlgorithm, alone)).value().verifies(digest, rsa_signer.sign(digest)));

  const PrivateKey ed_signer = PrivateKey::generate(KeyType::Ed25519).value();
  EXPECT_EQ(ed_signer.public_bytes().size(), 32U);
  EXPECT_TRUE(PublicKey::parse(KeyType::Ed25519, spki(kEdAlgorithm, ed_signer.public_bytes()))
                  .value()
                  .verifies(digest, ed_signer.sign(digest)));
}

TEST(PublicKey, RefusesWhatIsNoKey) {
  const std::string good = rsa(odd_number(256), kF4);
  ASSERT_TRUE(PublicKey::parse(KeyType::Rsa, good));
  struct Case {
    std::string what;
    std::string bytes;
    Errc code;
  };
  const Case cases[] = {
      {"nothing", "", Errc::Syntax},
      {"text", "p=abc", Errc::Syntax},
      {"cut off", good.substr(0, good.size() - 1), Errc::Syntax},
      {"something behind", good + "x", Errc::Syntax},
      {"a third number", der('\x30', good.substr(4) + der('\x02', "\x03")), Errc::Syntax},
      {"another algorithm", spki(kEdAlgorithm, good), Errc::Syntax},
      {"unused bits", der('\x30', der('\x30', kRsaAlgorithm) + der('\x03', "\x01" + good)), Errc::Syntax},
      {"indefinite length", std::string("\x30\x80", 2) + good.substr(4) + std::string(2, '\0'), Errc::Syntax},
      {"length of 5 octets", std::string("\x30\x85\0\0\0\1\0", 7) + good.substr(4), Errc::Syntax},
      {"modulus 0", rsa(std::string(1, '\0'), kF4), Errc::Syntax},
      {"modulus absent", rsa("", kF4), Errc::Syntax},
      {"negative modulus", rsa(odd_number(256).substr(1), kF4), Errc::Syntax},
      {"even modulus", rsa(odd_number(256) + std::string(1, '\0'), kF4), Errc::Syntax},
      {"exponent 0", rsa(odd_number(256), std::string(1, '\0')), Errc::Syntax},
      {"exponent 1", rsa(odd_number(256), "\x01"), Errc::Syntax},
      {"exponent 2", rsa(odd_number(256), "\x02"), Errc::Syntax},
      {"exponent of 72 bits", rsa(odd_number(256), "\x01\x01\x01\x01\x01\x01\x01\x01\x01"), Errc::Limit},
      {"exponent as long as the modulus", rsa(odd_number(256), odd_number(256)), Errc::Limit},
      {"8200 bits", rsa(odd_number(1025), kF4), Errc::Limit},
      {"a megabyte", std::string(1 << 20U, '\x30'), Errc::Limit},
  };
  for (const Case& c : cases) EXPECT_EQ(code_of(KeyType::Rsa, c.bytes), c.code) << c.what;
  EXPECT_TRUE(PublicKey::parse(KeyType::Rsa, rsa(odd_number(1024), kF4)));
  for (const std::string& bytes : {std::string(), std::string(31, 'x'), std::string(33, 'x'),
                                   spki(kEdAlgorithm, "short"), spki(kRsaAlgorithm, std::string(32, 'x'))})
    EXPECT_EQ(code_of(KeyType::Ed25519, bytes), Errc::Syntax) << bytes.size();
}

// The dearest key that is taken: 8192 bits, an exponent of 64 ones.
TEST(PublicKey, HasABoundOfTime) {
  const PublicKey key =
      PublicKey::parse(KeyType::Rsa, rsa(odd_number(1024), std::string(1, '\0') + std::string(8, '\xFF'))).value();
  const std::string signature(1024, '\x55');
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(key.verifies(sha256("x"), signature));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(250));
}

TEST(PublicKeys, KeepsTheLastUsed) {
  PublicKeys keys(2);
  const std::string a = rsa(odd_number(128), kF4);
  const std::string b = rsa(odd_number(129), kF4);
  const auto first = keys.get(KeyType::Rsa, a).value();
  EXPECT_EQ(keys.get(KeyType::Rsa, a).value(), first);
  EXPECT_FALSE(keys.get(KeyType::Ed25519, a));  // another entry
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.get(KeyType::Rsa, a).value(), first);
  const auto second = keys.get(KeyType::Rsa, b).value();  // the failure goes
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.get(KeyType::Rsa, a).value(), first);
  EXPECT_FALSE(keys.get(KeyType::Rsa, "junk"));
  EXPECT_FALSE(keys.get(KeyType::Rsa, "junk"));
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.get(KeyType::Rsa, a).value(), first);
  EXPECT_NE(keys.get(KeyType::Rsa, b).value(), second);
  EXPECT_EQ(second->bits(), 129U * 8);  // it lives as long as somebody has it
}

TEST(PublicKeys, KeepsNoGiants) {
  PublicKeys keys(10);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_FALSE(keys.get(KeyType::Rsa, std::string(3000 + i, 'x')));
  EXPECT_EQ(keys.size(), 0U);
}

}  // namespace
}  // namespace anechoic::crypto
