// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/key_record.h"

#include <gtest/gtest.h>

namespace anechoic::auth::dkim {
namespace {

TEST(KeyRecord, WhatIsPublishedIsWhatIsRead) {
  for (const crypto::KeyType type : {crypto::KeyType::Rsa, crypto::KeyType::Ed25519}) {
    const crypto::PrivateKey key = crypto::PrivateKey::generate(type, 1024).value();
    const KeyRecord record = parse_key_record(key_record_of(key)).value();
    EXPECT_EQ(record.type, type);
    EXPECT_EQ(record.key, key.public_bytes());
    EXPECT_TRUE(record.sha256 && record.email && !record.testing && !record.strict && !record.revoked());
  }
}

TEST(KeyRecord, ReadsEachTag) {
  struct Case {
    std::string_view text;
    bool sha256, email, testing, strict, revoked;
  };
  const Case cases[] = {
      {"p=AAAA", true, true, false, false, false},
      {"p=", true, true, false, false, true},
      {"v=DKIM1;p= A A\r\n AA ;", true, true, false, false, false},
      {"h=sha1; p=AAAA", false, true, false, false, false},
      {"h=sha1 : SHA256; p=AAAA", true, true, false, false, false},
      {"h=; p=AAAA", false, true, false, false, false},
      {"s=tlsrpt; p=AAAA", true, false, false, false, false},
      {"s=tlsrpt:*; p=AAAA", true, true, false, false, false},
      {"t=y; p=AAAA", true, true, true, false, false},
      {"t=s:y:z; p=AAAA", true, true, true, true, false},
      {"t=; p=AAAA", true, true, false, false, false},
  };
  for (const Case& c : cases) {
    const auto record = parse_key_record(c.text);
    ASSERT_TRUE(record) << c.text;
    EXPECT_EQ(record->sha256, c.sha256) << c.text;
    EXPECT_EQ(record->email, c.email) << c.text;
    EXPECT_EQ(record->testing, c.testing) << c.text;
    EXPECT_EQ(record->strict, c.strict) << c.text;
    EXPECT_EQ(record->revoked(), c.revoked) << c.text;
  }
  for (const std::string_view text :
       {"", "v=DKIM1", "v=DKIM2; p=AAAA", "v=dkim1; p=AAAA", "p=AAAA; v=DKIM1", "p=AAAA; p=AAAA", "p=A", "junk"})
    EXPECT_FALSE(parse_key_record(text)) << text;
}

}  // namespace
}  // namespace anechoic::auth::dkim
