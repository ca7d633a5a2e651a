// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/key_record.h"

#include <algorithm>

#include "auth/records/tag_list.h"
#include "base/ascii.h"

namespace anechoic::auth::dkim {

namespace {

// Is one of `words` in the list?
bool lists(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(split_list(value, ':'), [&](std::string_view item) {
    return std::ranges::any_of(words, [&](std::string_view word) { return ascii::iequals(item, word); });
  });
}

}  // namespace

anechoic::Result<KeyRecord> parse_key_record(std::string_view text) {
  const auto tags = TagList::parse(text);
  if (!tags) return Failure(tags.error());
  if (const auto version = tags->find("v"); version && (*version != "DKIM1" || tags->tags().front().name != "v"))
    return fail(Errc::Syntax, *version == "DKIM1" ? "v= is not its first tag" : "it is not of version DKIM1");
  const auto p = tags->find("p");
  if (!p) return fail(Errc::Syntax, "p= is missing");
  auto key = decode_base64(*p);
  if (!key) return fail(Errc::Syntax, "p= is no base64");
  KeyRecord record;
  record.key = std::move(*key);
  if (const auto k = tags->find("k"); k && !ascii::iequals(*k, "rsa")) {
    record.type = ascii::iequals(*k, "ed25519") ? std::optional(crypto::KeyType::Ed25519) : std::nullopt;
  }
  if (const auto h = tags->find("h")) record.sha256 = lists(*h, {"sha256"});
  if (const auto s = tags->find("s")) record.email = lists(*s, {"*", "email"});
  if (const auto t = tags->find("t")) {
    record.testing = lists(*t, {"y"});
    record.strict = lists(*t, {"s"});
  }
  return record;
}

std::string key_record_of(const crypto::PrivateKey& key) {
  return std::string("v=DKIM1; k=") + (key.type() == crypto::KeyType::Rsa ? "rsa" : "ed25519") +
         "; p=" + encode_base64(key.public_bytes());
}

}  // namespace anechoic::auth::dkim
