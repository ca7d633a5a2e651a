// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include <gtest/gtest.h>

#include "testing/temp_dir.h"

namespace anechoic::crypto {
namespace {

TEST(KeyFile, IsWrittenOnceAndReadWhole) {
  const anechoic::testing::TempDir folder;
  const std::string path = folder.path() / "key";
  ASSERT_TRUE(write_new_key_file(path, "0123456789"));
  EXPECT_EQ(read_key_file(path, 10).value(), "0123456789");
  const auto again = write_new_key_file(path, "other");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::Refused);
  EXPECT_EQ(read_key_file(path, 100).value(), "0123456789");
}

TEST(KeyFile, HasABound) {
  const anechoic::testing::TempDir folder;
  const std::string path = folder.path() / "key";
  ASSERT_TRUE(write_new_key_file(path, std::string(20'000, 'k')));
  EXPECT_TRUE(read_key_file(path, 20'000));
  const auto longer = read_key_file(path, 19'999);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Errc::Limit);
}

}  // namespace
}  // namespace anechoic::crypto
