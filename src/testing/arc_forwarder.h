// SPDX-License-Identifier: Apache-2.0
// A forwarder that seals messages, for tests of ARC: a key of its own, any tags.
#pragma once

#include <string>
#include <string_view>

#include "auth/dkim/body_digests.h"
#include "auth/dkim/canonical_header.h"
#include "auth/records/tag_list.h"
#include "crypto/private_key.h"
#include "mail/header_block.h"

namespace anechoic::testing {

struct SealOptions {
  std::string cv{};                      // "" = none or pass, by the number
  std::string message_tags{};            // more tags of the message signature: "; l=5"
  std::string seal_tags{};               // of the seal
  std::string c = "; c=relaxed/simple";  // "" = no c=
  auth::dkim::Canonicalization header = auth::dkim::Canonicalization::Relaxed;  // what is really done, body simple
  std::optional<std::uint64_t> body_length{};                                   // digests that much only
};

class ArcForwarder {
 public:
  explicit ArcForwarder(std::string domain)
      : domain_(std::move(domain)), key_(crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value()) {}

  [[nodiscard]] std::string key_name() const { return "s._domainkey." + domain_; }
  [[nodiscard]] std::string key_record() const {
    return "v=DKIM1; k=ed25519; p=" + auth::encode_base64(key_.public_bytes());
  }

  // The message with set `number` on top of it.
  [[nodiscard]] std::string seal(const std::string& message, unsigned number, const SealOptions& options = {}) const {
    const std::string i = "i=" + std::to_string(number);
    std::string out = "ARC-Authentication-Results: " + i + "; " + domain_ + "; arc=none\r\n" + message;
    out = signed_with(options.header,
                      "ARC-Message-Signature: " + i + tags() + options.c + "; h=from:subject" + options.message_tags +
                          "; bh=" + body_hash(message, options.body_length),
                      out, [](const auto& header, auto& hash) {
                        hash.add(auth::dkim::select_fields(header, {"from", "subject"}, nullptr));
                      });
    const std::string cv = !options.cv.empty() ? options.cv : number == 1 ? "none" : "pass";
    return signed_with(kRelaxed, "ARC-Seal: " + i + tags() + "; cv=" + cv + options.seal_tags, out, add_sets);
  }

 private:
  static constexpr auto kRelaxed = auth::dkim::Canonicalization::Relaxed;

  [[nodiscard]] std::string tags() const { return "; a=ed25519-sha256; d=" + domain_ + "; s=s; t=1700000000"; }

  static std::string body_hash(const std::string& message, std::optional<std::uint64_t> length) {
    auth::dkim::BodyDigests digests;
    const auto number = digests.want(auth::dkim::Canonicalization::Simple, length);
    digests.feed(std::string_view(message).substr(message.find("\r\n\r\n") + 4));
    digests.finish();
    return auth::encode_base64(digests.digest(*number));
  }

  // Sets from the oldest on: results, message signature, seal. The fields stand newest first.
  static void add_sets(const mail::HeaderBlock& header, auth::dkim::HeaderHash& hash) {
    const auto& fields = header.fields();
    std::vector<const mail::Field*> sets;
    for (const mail::Field& field : fields) {
      if (field.name.starts_with("ARC-")) sets.push_back(&field);
    }
    for (std::size_t i = sets.size(); i-- > 0;) hash.add(*sets[i]);
  }

  template <typename Add>
  std::string signed_with(auth::dkim::Canonicalization canonicalization, const std::string& field,
                          const std::string& message, const Add& add) const {
    const std::string unsigned_field = field + "; b=\r\n";
    auth::dkim::HeaderHash hash(canonicalization);
    const mail::HeaderBlock header = mail::HeaderBlock::parse_message(message);
    add(header, hash);
    const mail::HeaderBlock own = mail::HeaderBlock::parse_message(unsigned_field);
    const mail::Field& signature = own.fields().front();
    const std::string digest = hash.finish(signature, signature.raw.substr(signature.raw.rfind("b=") + 2, 0));
    return field + "; b=" + auth::encode_base64(key_.sign(digest)) + "\r\n" + message;
  }

  std::string domain_;
  crypto::PrivateKey key_;
};

}  // namespace anechoic::testing
