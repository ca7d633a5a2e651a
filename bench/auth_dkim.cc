// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "auth/dkim/key_record.h"
#include "auth/dkim/sign.h"
#include "auth/dkim/verify.h"
#include "auth_rate.h"
#include "crypto/digest.h"
#include "outside/dns/cache.h"
#include "outside/dns/zone_resolver.h"
#include "wire/dns/zone_file.h"

namespace bench {
namespace {

using namespace anechoic;

constexpr std::size_t kMessage = 4096;       // octets, with the signature
constexpr std::size_t kBody = 25'000'000;    // octets
constexpr std::size_t kPiece = 64UL * 1024;  // that a door hands on at once

[[noreturn]] void stop(const char* why) {
  std::fprintf(stderr, "bench_auth_rate: %s\n", why);
  std::exit(2);
}

// As a mail provider's messages arrive: some hops, some fields of their own.
std::string make_message(const crypto::PrivateKey& key) {
  std::string header =
      "From: Ann Author <ann.author@d.example>\r\nTo: Bob Reader <bob.reader@rcpt.example>\r\n"
      "Subject: Minutes of the meeting of last Thursday, and two questions\r\n"
      "Date: Fri, 11 Jul 2025 21:00:37 -0700\r\nMessage-ID: <20250712040037.46341.5F8J@mail.d.example>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
      "X-Mailer: Some Mailer 16.0\r\nX-Originating-IP: [192.0.2.1]\r\n";
  std::string hops;
  for (int i = 0; i < 3; ++i)
    hops += "Received: from host" + std::to_string(i) +
            ".d.example (host.d.example [192.0.2.7])\r\n\tby mx.d.example with ESMTPS id 4A1b2C3d4E\r\n\tfor "
            "<bob.reader@rcpt.example>; Fri, 11 Jul 2025 21:00:39 -0700\r\n";
  std::string body;
  while (hops.size() + header.size() + body.size() + 700 < kMessage)
    body += "It was said that the usual words would fill a line of a message well.\r\n";
  const std::string unsigned_message = hops + header + "\r\n" + body;
  const mail::HeaderBlock block = mail::HeaderBlock::parse_exact(unsigned_message);
  auto shared = std::make_shared<const crypto::PrivateKey>(crypto::PrivateKey::parse_pem(key.pem()).value());
  auth::dkim::Signer signer(block, {{"d.example", "s", std::move(shared), {}}}, {}, SystemClock().wall());
  signer.feed(std::string_view(unsigned_message).substr(block.body_offset()));
  return signer.finish().value() + unsigned_message;
}

class Verifier {
 public:
  explicit Verifier(bool cold) : key_(crypto::PrivateKey::generate(crypto::KeyType::Rsa, 2048).value()), cold_(cold) {
    std::string record = auth::dkim::key_record_of(key_);
    auto file = dns::parse_zone_file("s._domainkey.d.example. TXT \"" + record.substr(0, 200) + "\" \"" +
                                     record.substr(200) + "\"\n");
    if (!file) stop("the zone is broken");
    zone_ = std::move(file->zone);
    message_ = make_message(key_);
    record_ = std::move(record);
  }

  std::size_t operator()() {
    if (cold_) keys_ = std::make_unique<crypto::PublicKeys>();
    const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message_);
    auth::dkim::BodyDigests digests;
    auth::dkim::Verification verification(header, digests, {});
    digests.feed(std::string_view(message_).substr(header.body_offset()));
    digests.finish();
    auth::Lookups lookups(cache_, clock_, {});
    bool good = false;
    start(verification.finish(lookups, *keys_, clock_.wall()), [&](const std::vector<auth::dkim::Outcome>& outcomes) {
      good = outcomes.size() == 1 && outcomes.front().result == auth::dkim::Result::Pass;
    });
    if (!good) stop("the signature is not good");
    return message_.size();
  }

  [[nodiscard]] std::string sample() const { return "s._domainkey.d.example\t" + record_ + "\n" + message_; }

 private:
  SystemClock clock_;
  crypto::PrivateKey key_;
  bool cold_;
  dns::Zone zone_;
  dns::ZoneResolver resolver_{zone_};
  dns::Cache cache_{resolver_, clock_, dns::CacheOptions{}, 1};
  std::unique_ptr<crypto::PublicKeys> keys_ = std::make_unique<crypto::PublicKeys>();
  std::string message_;
  std::string record_;
};

// A mail's text: words, lines, now and then a paragraph.
std::string make_body() {
  std::string body;
  unsigned state = 1;
  while (body.size() < kBody) {
    for (std::size_t column = 0; column < 66;) {
      state = state * 1664525U + 1013904223U;
      const std::size_t length = 1 + (state >> 24U) % 9;
      body.append(length, static_cast<char>('a' + (state >> 16U) % 26)) += ' ';
      column += length + 1;
    }
    body.back() = '.';
    body += state % 7 == 0 ? "\r\n\r\n" : "\r\n";
  }
  return body;
}

Unit body_digest(auth::dkim::Canonicalization canonicalization) {
  return [canonicalization, body = make_body()] {
    auth::dkim::BodyDigests digests;
    (void)digests.want(canonicalization, std::nullopt);
    for (std::size_t at = 0; at < body.size(); at += kPiece) digests.feed(std::string_view(body).substr(at, kPiece));
    digests.finish();
    return body.size();
  };
}

}  // namespace

Unit dkim_warm() {
  return [verifier = std::make_shared<Verifier>(false)] { return (*verifier)(); };
}

Unit dkim_cold() {
  return [verifier = std::make_shared<Verifier>(true)] { return (*verifier)(); };
}

std::string dkim_sample() {
  return Verifier(false).sample();
}

Unit body_sha256() {
  return [body = make_body()] {
    crypto::Sha256 digest;
    for (std::size_t at = 0; at < body.size(); at += kPiece) digest.update(std::string_view(body).substr(at, kPiece));
    (void)digest.finish();
    return body.size();
  };
}

Unit body_simple() {
  return body_digest(auth::dkim::Canonicalization::Simple);
}

Unit body_relaxed() {
  return body_digest(auth::dkim::Canonicalization::Relaxed);
}

}  // namespace bench
