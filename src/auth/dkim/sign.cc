// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/sign.h"

#include <algorithm>
#include <array>

#include "auth/dkim/canonical_header.h"
#include "auth/dkim/signature.h"
#include "auth/records/tag_list.h"
#include "base/ascii.h"

namespace anechoic::auth::dkim {

namespace {

constexpr std::size_t kLine = 78;         // RFC 5322 2.1.1
constexpr unsigned kLeastRsaBits = 1024;  // RFC 8301 3.2
constexpr unsigned kMostRsaBits = 4096;

// Changed or removed on the way by their nature (RFC 6376 5.4.1), or not for others to see.
bool must_not_be_signed(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames{"return-path", "received",   "comments",      "keywords",
                                                   "bcc",         "resent-bcc", "dkim-signature"};
  constexpr std::array<std::string_view, 3> kPrefixes{"authentication-results", "arc-", "received-spf"};
  return std::ranges::any_of(kNames, [&](std::string_view known) { return ascii::iequals(known, name); }) ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return ascii::istarts_with(name, prefix); });
}

std::size_t instances(const mail::HeaderBlock& header, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      header.fields(), [&](const mail::Field& field) { return ascii::iequals(field.name, name); }));
}

// h=: each name as often as it is there, and once more if nobody shall add one.
anechoic::Result<std::vector<std::string>> names_to_sign(const mail::HeaderBlock& header, const SignOptions& options) {
  const std::size_t from = instances(header, "From");
  if (from != 1)
    return fail(Errc::Syntax, from == 0 ? "the message has no From" : "the message has more than one From");
  if (header.truncated()) return fail(Errc::Limit, "the message's header is too large");
  std::vector<std::string> wished{"from"};
  for (const auto* list : {&options.headers, &options.oversigned}) {
    for (const std::string& name : *list) {
      if (must_not_be_signed(name)) return fail(Errc::Syntax, "the field " + name + " must not be signed");
      if (name.empty() || std::ranges::any_of(name, [](char c) { return c <= ' ' || c > 126 || c == ':' || c == ';'; }))
        return fail(Errc::Syntax, "a name that no field can have");
      if (std::ranges::find(wished, ascii::lower(name)) == wished.end()) wished.push_back(ascii::lower(name));
    }
  }
  std::vector<std::string> names;
  for (const std::string& name : wished) {
    const bool once_more = std::ranges::any_of(
        options.oversigned, [&](const std::string& oversigned) { return ascii::iequals(oversigned, name); });
    names.insert(names.end(), instances(header, name) + (once_more ? 1 : 0), name);
  }
  return names;
}

// i= in DKIM's quoted-printable.                                                                  RFC 6376 2.11
std::string encode_quoted_printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (c > ' ' && c < 127 && c != ';' && c != '=') {
      out += c;
    } else {
      out += '=';
      out += kDigits[static_cast<unsigned char>(c) >> 4U];
      out += kDigits[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

// Writes a field in lines of at most kLine characters where the pieces are short enough.
class Folder {
 public:
  explicit Folder(std::string name) : text_(std::move(name) + ":"), column_(text_.size()) {}

  // A piece that stays whole; a space stands before it unless it begins a line or is to follow closely.
  void add(std::string_view piece, bool closely = false) {
    const std::size_t space = closely ? 0 : 1;
    if (column_ + space + piece.size() > kLine && column_ > 1) {
      text_ += "\r\n\t";
      column_ = 1;
    } else if (space == 1) {
      text_ += ' ';
      ++column_;
    }
    text_ += piece;
    column_ += piece.size();
  }
  // Text that may be broken anywhere.
  void add_anywhere(std::string_view piece) {
    while (!piece.empty()) {
      if (column_ >= kLine) {
        text_ += "\r\n\t";
        column_ = 1;
      }
      const std::string_view part = piece.substr(0, kLine - column_);
      text_ += part;
      column_ += part.size();
      piece.remove_prefix(part.size());
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t column_;
};

struct Wished {
  std::string domain;
  std::string selector;
  std::string identity;
};

anechoic::Result<Wished> check_names(const SigningKey& key, const SignOptions& options) {
  const auto domain = read_domain(key.domain, 2);
  if (!domain) return fail(Errc::Syntax, "the signing domain is no domain name");
  const auto selector = read_domain(key.selector, 1);
  if (!selector || !dns::Name::parse(*selector + "._domainkey." + *domain))
    return fail(Errc::Syntax, "the selector is none");
  if (!options.identity.empty()) {
    const std::size_t at = options.identity.rfind('@');
    const auto within = at == std::string::npos ? std::nullopt : read_domain(options.identity.substr(at + 1), 2);
    if (!within || !dns::Name::parse(*within)->is_within(*dns::Name::parse(*domain)))
      return fail(Errc::Syntax, "the identity (i=) is no address of the signing domain or below it");
  }
  if (key.key->type() == crypto::KeyType::Rsa && (key.key->bits() < kLeastRsaBits || key.key->bits() > kMostRsaBits))
    return fail(Errc::Limit, "an RSA key of " + std::to_string(key.key->bits()) + " bits; verifiers take " +
                                 std::to_string(kLeastRsaBits) + " to " + std::to_string(kMostRsaBits));
  return Wished{*domain, *selector, encode_quoted_printable(options.identity)};
}

}  // namespace

std::vector<SigningKey> keys_of(const std::vector<SigningKey>& keys, WallTime now) {
  std::vector<SigningKey> chosen;
  for (const SigningKey& key : keys) {
    if (key.from > now) continue;
    const auto other = std::ranges::find_if(chosen, [&](const SigningKey& before) {
      return ascii::iequals(before.domain, key.domain) && before.key->type() == key.key->type();
    });
    if (other == chosen.end()) {
      chosen.push_back(key);
    } else if (other->from < key.from) {
      *other = key;
    }
  }
  return chosen;
}

std::vector<std::string> SignOptions::default_headers() {
  return {"from",
          "sender",
          "reply-to",
          "to",
          "cc",
          "subject",
          "date",
          "message-id",
          "in-reply-to",
          "references",
          "mime-version",
          "content-type",
          "content-transfer-encoding",
          "auto-submitted",
          "list-id",
          "list-unsubscribe",
          "list-unsubscribe-post",
          "list-post",
          "list-help",
          "resent-from",
          "resent-to",
          "resent-cc",
          "resent-date",
          "resent-sender",
          "resent-message-id"};
}

std::vector<std::string> SignOptions::default_oversigned() {
  return {"from", "reply-to", "to", "cc", "subject", "date", "message-id", "content-type"};
}

Signer::Signer(const mail::HeaderBlock& header, std::vector<SigningKey> keys, SignOptions options, WallTime now)
    : header_(header), keys_(std::move(keys)), options_(std::move(options)), now_(now) {
  body_digest_ = digests_.want(options_.body, std::nullopt);
}

anechoic::Result<std::string> Signer::finish() {
  digests_.finish();
  const auto names = names_to_sign(header_, options_);
  if (!names) return Failure(names.error());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch()).count();
  std::string fields;
  for (const SigningKey& key : keys_) {
    const auto wished = check_names(key, options_);
    if (!wished) return Failure(wished.error());
    Folder field("DKIM-Signature");
    field.add("v=1;");
    field.add(key.key->type() == crypto::KeyType::Rsa ? "a=rsa-sha256;" : "a=ed25519-sha256;");
    field.add("c=" + std::string(to_string(options_.header)) + "/" + std::string(to_string(options_.body)) + ";");
    field.add("d=" + wished->domain + ";");
    field.add("s=" + wished->selector + ";");
    if (!wished->identity.empty()) field.add("i=" + wished->identity + ";");
    field.add("t=" + std::to_string(seconds) + ";");
    if (options_.expire) field.add("x=" + std::to_string(seconds + options_.expire->count()) + ";");
    for (std::size_t i = 0; i < names->size(); ++i)
      field.add((i == 0 ? "h=" : "") + (*names)[i] + (i + 1 == names->size() ? ";" : ":"), i > 0);
    field.add("bh=" + encode_base64(digests_.digest(body_digest_.value_or(0))) + ";");
    field.add("b=");
    HeaderHash hash(options_.header);
    hash.add(select_fields(header_, *names, nullptr));
    const std::string_view raw = field.text();
    const std::size_t value = raw.find(':') + 1;
    const std::string digest =
        hash.finish({.name = raw.substr(0, value - 1), .value = raw.substr(value), .raw = raw}, raw.substr(raw.size()));
    field.add_anywhere(encode_base64(key.key->sign(digest)));
    fields += field.text() + "\r\n";
  }
  return fields;
}

}  // namespace anechoic::auth::dkim
