// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "testing/temp_dir.h"

namespace anechoic::crypto {
namespace {

const std::string kDigest(32, 'd');

// RFC 8410 10.3, and RFC 8032 7.1 test 1 in the same form.
constexpr std::string_view kEd25519Pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE "
    "KEY-----\n";

TEST(PrivateKey, GoesThroughPem) {
  for (const KeyType type : {KeyType::Rsa, KeyType::Ed25519}) {
    const PrivateKey key = PrivateKey::generate(type).value();
    const PrivateKey again = PrivateKey::parse_pem(key.pem()).value();
    EXPECT_EQ(again.type(), type);
    EXPECT_EQ(again.bits(), type == KeyType::Rsa ? 2048U : 256U);
    EXPECT_EQ(again.public_bytes(), key.public_bytes());
    EXPECT_EQ(again.sign(kDigest), key.sign(kDigest));  // both algorithms are deterministic
  }
}

TEST(PrivateKey, ReadsAKnownKey) {
  const PrivateKey key = PrivateKey::parse_pem(kEd25519Pem).value();
  const std::string_view known =
      "\x19\xBF\x44\x09\x69\x84\xCD\xFE\x85\x41\xBA\xC1\x67\xDC\x3B\x96\xC8\x50\x86\xAA\x30\xB6\xB6\xCB\x0C\x5C\x38\xAD"
      "\x70\x31\x66\xE1";
  EXPECT_EQ(key.public_bytes(), known);
}

TEST(PrivateKey, MakesKeysOfTheLengthsThatAreAllowed) {
  EXPECT_EQ(PrivateKey::generate(KeyType::Rsa, 1024).value().bits(), 1024U);
  for (const unsigned bits : {0U, 512U, 1023U, 4097U, 65536U})
    EXPECT_EQ(PrivateKey::generate(KeyType::Rsa, bits).error().code, Errc::Limit) << bits;
}

TEST(PrivateKey, RefusesWhatIsNoKey) {
  const std::string good = PrivateKey::generate(KeyType::Rsa, 1024).value().pem();
  std::string mixed = good;
  mixed[200] = mixed[200] == 'A' ? 'B' : 'A';
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE "
      "KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj6e/"
      "nbM1OgyQICCAAw\nDAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEMU8vFUQsMP6xoIBxT+"
      "IVDIEQO6a\nXRjXfOCU9k0Nzd8YRJnwAScxUHW2oOqG73OHVhaVDmq9Q98wq2Neygi583A0zpOZ\nRHg/Ra1K6ZCiZ5WaKTo=\n-----END "
      "ENCRYPTED PRIVATE KEY-----\n";
  const std::string curve =
      "-----BEGIN PRIVATE "
      "KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjryQpbu9RnWhOFc5\nCIvFoTdfb/"
      "OOn28uWPlruTB03rqhRANCAAREFGRtLeQLIHdnt0ooK3CkSs8pA9uC\nMcr+"
      "MhWpN21FRRVVONBUYnowv2YVUijI1TM4CwpZx505G3Z42kjAI3jI\n-----END PRIVATE KEY-----\n";
  for (const std::string& pem :
       {std::string(), std::string("p=abc"), good.substr(0, good.size() / 2), mixed, encrypted, curve}) {
    const auto key = PrivateKey::parse_pem(pem);
    ASSERT_FALSE(key) << pem;
    EXPECT_EQ(key.error().code, Errc::Syntax) << pem;
  }
  EXPECT_NE(PrivateKey::parse_pem(encrypted).error().detail.find("encrypted"), std::string::npos);
  EXPECT_EQ(PrivateKey::parse_pem(std::string(1 << 20U, '\n')).error().code, Errc::Limit);
}

TEST(PrivateKey, ReadsOnlyFilesThatOthersCannot) {
  const anechoic::testing::TempDir folder;
  const std::string path = folder.path() / "key.pem";
  EXPECT_EQ(PrivateKey::read_file(path).error().code, Errc::Io);
  std::ofstream(path) << kEd25519Pem;
  for (const mode_t mode : {0640U, 0604U, 0660U, 0601U, 0644U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto key = PrivateKey::read_file(path);
    ASSERT_FALSE(key) << mode;
    EXPECT_EQ(key.error().code, Errc::Refused);
    EXPECT_NE(key.error().detail.find("chmod 600"), std::string::npos);
  }
  for (const mode_t mode : {0600U, 0400U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(PrivateKey::read_file(path).value().type(), KeyType::Ed25519);
  }
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  std::ofstream(path) << "not a key";
  const auto junk = PrivateKey::read_file(path);
  EXPECT_EQ(junk.error().code, Errc::Syntax);
  EXPECT_NE(junk.error().detail.find(path), std::string::npos);
  EXPECT_EQ(PrivateKey::read_file(folder.path()).error().code, Errc::Refused);
}

TEST(PrivateKey, WritesNewFilesOnly) {
  const anechoic::testing::TempDir folder;
  const std::string path = folder.path() / "key.pem";
  const PrivateKey key = PrivateKey::generate(KeyType::Ed25519).value();
  ASSERT_TRUE(key.write_new_file(path));
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_EQ(PrivateKey::read_file(path).value().public_bytes(), key.public_bytes());
  const PrivateKey other = PrivateKey::generate(KeyType::Ed25519).value();
  EXPECT_EQ(other.write_new_file(path).error().code, Errc::Refused);
  std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "link");
  EXPECT_EQ(other.write_new_file(folder.path() / "link").error().code, Errc::Refused);
  EXPECT_EQ(other.write_new_file(folder.path() / "no/folder").error().code, Errc::Io);
  EXPECT_EQ(PrivateKey::read_file(path).value().public_bytes(), key.public_bytes());
}

}  // namespace
}  // namespace anechoic::crypto
