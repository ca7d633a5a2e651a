// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "testing/temp_dir.h"

namespace anechoic::crypto {
namespace {

class SecretFile : public ::testing::Test {
 protected:
  std::string write(std::string_view text, mode_t mode = 0600) {
    const std::string path = dir_.path() / "key";
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  anechoic::testing::TempDir dir_;
};

TEST_F(SecretFile, IsTheKeyButForOneLineEnd) {
  for (const std::string_view end : {"", "\n", "\r\n"}) {
    const auto secret = Secret::read_file(write("sixteen octets!!" + std::string(end)));
    ASSERT_TRUE(secret) << secret.error().detail;
    EXPECT_EQ(secret->octets(), "sixteen octets!!");
  }
  EXPECT_EQ(Secret::read_file(write("sixteen octets!!\n\n"))->octets(), "sixteen octets!!\n");
  EXPECT_EQ(Secret::read_file(write(std::string(Secret::kMaxFileOctets, 'k') + "\r\n"))->octets().size(),
            Secret::kMaxFileOctets);
}

TEST_F(SecretFile, IsRefusedWhereOthersReadIt) {
  for (const mode_t mode : {0640U, 0604U, 0660U, 0601U}) {
    const auto secret = Secret::read_file(write("sixteen octets!!", mode));
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().code, Errc::Refused);
    EXPECT_TRUE(secret.error().detail.contains("chmod 600"));
  }
  EXPECT_TRUE(Secret::read_file(write("sixteen octets!!", 0400)));
}

TEST_F(SecretFile, HasBounds) {
  EXPECT_EQ(Secret::read_file(write("fifteen octets!\n")).error().code, Errc::Syntax);
  EXPECT_EQ(Secret::read_file(write("")).error().code, Errc::Syntax);
  EXPECT_EQ(Secret::read_file(write(std::string(Secret::kMaxFileOctets + 1, 'k'))).error().code, Errc::Limit);
  EXPECT_EQ(Secret::read_file(write(std::string(1 << 20U, 'k'))).error().code, Errc::Limit);
  EXPECT_EQ(Secret::read_file(dir_.path()).error().code, Errc::Refused);
  EXPECT_EQ(Secret::read_file(dir_.path() / "none").error().code, Errc::Io);
}

TEST(Secret, IsMovedNotCopied) {
  Secret a("one secret");
  const char* const where = a.octets().data();
  Secret b = std::move(a);
  EXPECT_EQ(b.octets().data(), where);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move)
  Secret c("another");
  c = std::move(b);
  EXPECT_EQ(c.octets(), "one secret");
  EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, IsGeneratedAsText) {
  const Secret a = Secret::generate();
  const Secret b = Secret::generate();
  EXPECT_EQ(a.octets().size(), 64U);
  EXPECT_EQ(a.octets().find_first_not_of("0123456789abcdef"), std::string_view::npos);
  EXPECT_NE(a.octets(), b.octets());
}

}  // namespace
}  // namespace anechoic::crypto
