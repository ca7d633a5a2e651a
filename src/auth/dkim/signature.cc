// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/signature.h"

#include <algorithm>
#include <limits>

#include "auth/records/tag_list.h"
#include "base/ascii.h"
#include "wire/dns/idn.h"

namespace anechoic::auth::dkim {

namespace {

constexpr std::size_t kHeadCharacters = 8;
constexpr std::size_t kShownCharacters = 128;
constexpr std::size_t kSha256Octets = 32;

bool is_within(std::string_view domain, std::string_view ancestor) {
  return domain == ancestor || (domain.size() > ancestor.size() && domain.ends_with(ancestor) &&
                                domain[domain.size() - ancestor.size() - 1] == '.');
}

// Reads the tags one after the other; each reader says what is wrong, and only the first such word is kept.
class Reader {
 public:
  Reader(const TagList& tags, std::string_view value, SignatureKind kind) : tags_(tags), value_(value), kind_(kind) {}

  Signature run() {
    read_names();
    read_algorithm();
    read_signature();
    if (kind_ == SignatureKind::Dkim) {
      if (tags_.find("v") != "1") complain(tags_.find("v") ? "its version (v=) is not 1" : "v= is missing");
      read_identity();
      read_query();
    }
    if (kind_ != SignatureKind::ArcSeal) {
      read_body_hash();
      read_canonicalization();
      read_headers();
      read_body_length();
      out_.copied = tags_.find("z").value_or("");
    }
    read_times();
    return std::move(out_);
  }

 private:
  void complain(std::string what) {
    if (out_.wrong.empty()) out_.wrong = std::move(what);
  }
  std::optional<std::string_view> required(std::string_view name) {
    const auto value = tags_.find(name);
    if (!value || value->empty()) {
      complain(std::string(name) + (value ? "= is empty" : "= is missing"));
      return std::nullopt;
    }
    return value;
  }

  void read_names() {
    if (const auto d = required("d")) {
      if (auto domain = read_domain(*d, 2)) {
        out_.domain = out_.identity_domain = std::move(*domain);
      } else {
        complain("d= is no domain");
      }
    }
    if (const auto s = required("s")) {
      if (auto selector = read_domain(*s, 1)) {
        out_.selector = std::move(*selector);
      } else {
        complain("s= is no selector");
      }
    }
    if (out_.domain.empty() || out_.selector.empty()) return;
    if (auto name = dns::Name::parse(out_.selector + "._domainkey." + out_.domain)) {
      out_.key_name = std::move(*name);
    } else {
      complain("s= and d= together are longer than a name in the DNS can be");
    }
  }

  void read_algorithm() {
    const auto a = required("a");
    if (!a) return;
    out_.algorithm = printable(*a, 32);
    if (ascii::iequals(*a, "rsa-sha256")) {
      out_.key = crypto::KeyType::Rsa;
    } else if (ascii::iequals(*a, "ed25519-sha256")) {
      out_.key = crypto::KeyType::Ed25519;
    } else if (ascii::iequals(*a, "rsa-sha1")) {
      complain("its algorithm is rsa-sha1, which proves nothing any more (RFC 8301)");
    } else {
      complain("its algorithm (a=) is not known");
    }
  }

  void read_signature() {
    const auto b = tags_.find("b");
    if (!b) return complain("b= is missing");
    // The blanks around the value, too.
    std::size_t begin = static_cast<std::size_t>(b->data() - value_.data());
    while (begin > 0 && value_[begin - 1] != '=') --begin;
    const std::size_t end = std::min(value_.find(';', begin), value_.size());
    out_.b = value_.substr(begin, end - begin);
    out_.head = printable(without_blanks(b->substr(0, 2 * kHeadCharacters)), kHeadCharacters);
    if (b->empty()) return complain("b= is empty");
    if (auto octets = decode_base64(*b)) {
      out_.signature = std::move(*octets);
    } else {
      complain("b= is no base64");
    }
  }

  void read_body_hash() {
    const auto bh = required("bh");
    if (!bh) return;
    auto octets = decode_base64(*bh);
    if (!octets) return complain("bh= is no base64");
    if (octets->size() != kSha256Octets) return complain("bh= is no SHA-256 digest");
    out_.body_hash = std::move(*octets);
  }

  void read_canonicalization() {
    const auto c = tags_.find("c");
    if (!c) return;
    const std::size_t slash = c->find('/');
    const auto read = [&](std::string_view word, Canonicalization& into) {
      if (ascii::iequals(word, "relaxed")) {
        into = Canonicalization::Relaxed;
      } else if (!ascii::iequals(word, "simple")) {
        complain("its canonicalization (c=) is not known");
      }
    };
    read(c->substr(0, slash), out_.header);
    if (slash != std::string_view::npos) read(c->substr(slash + 1), out_.body);
  }

  void read_headers() {
    // Sealers of ARC have been seen to write h= with nothing in it, or two colons; what is not there signs nothing.
    const bool arc = kind_ == SignatureKind::ArcMessage;
    const auto h = arc && tags_.find("h") ? tags_.find("h") : required("h");
    if (!h) return;
    for (const std::string_view name : split_list(*h, ':')) {
      if (arc && name.empty()) continue;
      if (name.empty() || std::ranges::any_of(name, [](char c) { return c <= ' ' || c > 126; }))
        return complain("h= is no list of field names");
      if (out_.headers.size() == Signature::kMostHeaders)
        return complain("h= has more than " + std::to_string(Signature::kMostHeaders) + " names");
      out_.headers.push_back(ascii::lower(name));
    }
    if (kind_ == SignatureKind::Dkim && std::ranges::find(out_.headers, "from") == out_.headers.end())
      complain("From is not signed (h=)");
  }

  void read_identity() {
    const auto i = tags_.find("i");
    if (!i) return;
    const auto identity = decode_quoted_printable(without_blanks(*i));
    const std::size_t at = identity ? identity->rfind('@') : std::string::npos;
    if (at == std::string::npos) return complain("i= is no address");
    out_.identity = printable(*identity, 320);
    auto domain = read_domain(std::string_view(*identity).substr(at + 1), 2);
    if (!domain) return complain("i= has no domain");
    if (!out_.domain.empty() && !is_within(*domain, out_.domain)) complain("the domain of i= is not within d=");
    out_.identity_domain = std::move(*domain);
  }

  void read_query() {
    const auto q = tags_.find("q");
    if (!q) return;
    const auto methods = split_list(*q, ':');
    if (std::ranges::none_of(methods, [](std::string_view method) { return ascii::iequals(method, "dns/txt"); }))
      complain("its key is not in the DNS (q=)");
  }

  void read_body_length() {
    const auto l = tags_.find("l");
    if (!l) return;
    if (l->empty() || l->size() > 76 || !std::ranges::all_of(*l, ascii::is_digit)) return complain("l= is no number");
    // No body is so long; it is refused when the body's length is known.
    out_.body_length = ascii::parse_number<std::uint64_t>(*l).value_or(std::numeric_limits<std::uint64_t>::max() - 1);
  }

  void read_times() {
    const auto read = [&](std::string_view name, std::optional<std::uint64_t>& into) {
      const auto value = tags_.find(name);
      if (!value) return;
      if (value->size() <= 12) into = ascii::parse_number<std::uint64_t>(*value);
      if (!into) complain(std::string(name) + "= is no time");
    };
    read("t", out_.signed_at);
    if (kind_ == SignatureKind::ArcSeal) return;
    read("x", out_.expires);
    if (out_.signed_at && out_.expires && *out_.expires <= *out_.signed_at)
      complain("it expires (x=) before it was made (t=)");
  }

  const TagList& tags_;
  std::string_view value_;
  SignatureKind kind_;
  Signature out_;
};

}  // namespace

Signature parse_signature(std::string_view value, SignatureKind kind) {
  const auto tags = TagList::parse(value);
  if (!tags) {
    Signature broken;
    broken.wrong = printable(tags.error().detail, kShownCharacters);
    return broken;
  }
  return Reader(*tags, value, kind).run();
}

std::optional<std::string> read_domain(std::string_view text, std::size_t least_labels) {
  auto domain = dns::to_a_labels(text);
  if (!domain || domain->empty() || domain->ends_with('.')) return std::nullopt;
  if (!std::ranges::all_of(*domain, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; }))
    return std::nullopt;
  const auto name = dns::Name::parse(*domain);
  if (!name || name->labels() < least_labels) return std::nullopt;
  return std::move(*domain);
}

std::optional<std::string> decode_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = ascii::hex_value(text[i + 1]);
    const int low = ascii::hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  for (char& c : out) {
    if (!ascii::is_printable(c)) c = '?';
  }
  return out;
}

}  // namespace anechoic::auth::dkim
