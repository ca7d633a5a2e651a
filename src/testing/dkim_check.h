// SPDX-License-Identifier: Apache-2.0
// For tests of DKIM: a message with LF or CRLF verified as a door would, and signatures made from tags as they are
// given, right or wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/canonical_header.h"
#include "auth/dkim/signature.h"
#include "auth/dkim/verify.h"
#include "auth/records/tag_list.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::testing {

// Line ends of a file to those of mail.
inline std::string with_crlf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && !out.ends_with('\r')) out += '\r';
    out += text[i];
  }
  return out;
}

inline WallTime at_second(std::int64_t second) {
  return WallTime(std::chrono::seconds(second));
}

struct DkimCheck {
  FakeResolver resolver;
  FakeClock clock;
  crypto::PublicKeys keys;
  auth::dkim::VerifyOptions options{};
  WallTime now = at_second(1'700'000'000);
  unsigned asked = 0;  // look-ups of the last message

  // `message` has CRLF.
  std::vector<auth::dkim::Outcome> verify(std::string_view message, std::size_t piece = 1U << 20U) {
    using namespace auth::dkim;
    const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
    BodyDigests digests;
    Verification verification(header, digests, options);
    for (std::size_t at = header.body_offset(); at < message.size(); at += piece)
      digests.feed(message.substr(at, piece));
    digests.finish();
    auth::Lookups lookups(resolver, clock, {});
    std::vector<Outcome> outcomes;
    bool ended = false;
    start(verification.finish(lookups, keys, now), [&](std::vector<Outcome> found) {
      outcomes = std::move(found);
      ended = true;
    });
    while (!ended && resolver.open() > 0) resolver.answer_next();
    asked = lookups.asked();
    return outcomes;
  }
};

// In front of `message`: a DKIM-Signature of `tags` ("v=1; a=...", without bh= and b= unless they are to be wrong),
// signed by the canonicalisations that c= names and over h=.
inline std::string sign_tags(std::string_view tags, std::string_view message, const crypto::PrivateKey& key) {
  using namespace auth;
  using namespace auth::dkim;
  std::string value(tags);
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
  const Signature wished = parse_signature(value);
  if (!value.contains("bh=")) {
    BodyDigests digests;
    const std::size_t number = digests.want(wished.body, wished.body_length).value();
    digests.feed(message.substr(header.body_offset()));
    digests.finish();
    value += "; bh=" + encode_base64(digests.digest(number));
  }
  const std::string raw = "DKIM-Signature: " + value + "; b=\r\n";
  const std::string_view view = raw;
  const mail::Field field{.name = view.substr(0, 14), .value = view.substr(15, view.size() - 17), .raw = view};
  HeaderHash hash(wished.header);
  hash.add(select_fields(header, wished.headers, nullptr));
  const std::string digest = hash.finish(field, view.substr(view.size() - 2, 0));
  return raw.substr(0, raw.size() - 2) + encode_base64(key.sign(digest)) + "\r\n" + std::string(message);
}

}  // namespace anechoic::testing
