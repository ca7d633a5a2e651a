// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/foreign_tag.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace anechoic::mail::tags {
namespace {

constexpr std::string_view kPrvs = "prvs=";

// How much a text looks like the tag of a prvs address; 0: not at all.
int likeness(std::string_view text) {
  const auto hex = [](char c) { return ascii::hex_value(c) >= 0; };
  if (text.size() == 10 && std::ranges::all_of(text.substr(0, 4), ascii::is_digit) && std::ranges::all_of(text, hex))
    return 3;
  if (text.size() >= 8 && text.size() <= 12 && std::ranges::all_of(text, hex) &&
      std::ranges::any_of(text, ascii::is_digit))
    return 2;
  if (text.size() >= 8 && text.size() <= 16 && ascii::is_digit(text.front()) &&
      std::ranges::all_of(text, ascii::is_alnum))
    return 1;
  return 0;
}

// Systems disagree on which side of the local part the tag stands.
std::optional<ForeignTag> read_prvs(std::string_view text) {
  std::optional<ForeignTag> best;
  int most = 0;
  const auto consider = [&](TagDialect dialect, std::string_view tag, std::string_view local) {
    if (local.empty() || likeness(tag) <= most) return;
    most = likeness(tag);
    best = ForeignTag{dialect, tag, local, {}};
  };
  if (const auto at = text.find('='); at != std::string_view::npos)
    consider(TagDialect::Prvs, text.substr(0, at), text.substr(at + 1));
  if (const auto at = text.rfind('='); at != std::string_view::npos)
    consider(TagDialect::PrvsTagLast, text.substr(at + 1), text.substr(0, at));
  if (const auto at = text.rfind('/'); at != std::string_view::npos)
    consider(TagDialect::PrvsSlash, text.substr(at + 1), text.substr(0, at));
  return best;
}

std::optional<ForeignTag> read_sub_address(std::string_view local) {
  constexpr std::size_t kTag = 10;
  const std::size_t tail = 1 + kPrvs.size() + kTag;
  if (local.size() <= tail) return std::nullopt;
  const std::string_view end = local.substr(local.size() - tail);
  const std::string_view tag = end.substr(tail - kTag);
  if ((end.front() != '+' && end.front() != '-') || !ascii::istarts_with(end.substr(1), kPrvs) || likeness(tag) < 3)
    return std::nullopt;
  return ForeignTag{TagDialect::PrvsSub, tag, local.substr(0, local.size() - tail), {}};
}

// `text` up to the separator, which is taken off too; all of it if there is none.
std::string_view take(std::string_view& text, std::string_view separator) {
  const auto at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + separator.size());
  return part;
}

ForeignTag read_srs(std::string_view local) {
  const bool first = local[3] == '0';
  ForeignTag found{first ? TagDialect::Srs0 : TagDialect::Srs1, local.substr(5), {}, {}};
  std::string_view rest = found.tag;
  if (!first) {
    take(rest, "=");
    take(rest, "=");
    if (!rest.empty()) rest.remove_prefix(1);  // the first forwarder's own separator
  }
  take(rest, "=");
  take(rest, "=");
  const std::string_view domain = take(rest, "=");
  if (domain.empty() || rest.empty()) return found;
  found.domain = domain;
  found.local = rest;
  return found;
}

// PREFIX TAG SEPARATOR local
std::optional<ForeignTag> read_prefixed(TagDialect dialect, std::string_view text, std::string_view separator) {
  const std::string_view tag = take(text, separator);
  if (tag.empty() || text.empty()) return std::nullopt;
  return ForeignTag{dialect, tag, text, {}};
}

}  // namespace

bool is_srs(std::string_view local) {
  return local.size() > 5 && ascii::istarts_with(local, "SRS") && (local[3] == '0' || local[3] == '1') &&
         std::string_view("=-+").contains(local[4]);
}

std::optional<ForeignTag> foreign_tag(std::string_view local) {
  if (is_srs(local)) return read_srs(local);
  if (ascii::istarts_with(local, kPrvs)) {
    if (auto found = read_prvs(local.substr(kPrvs.size()))) return found;
  }
  if (ascii::istarts_with(local, "btv1==")) {
    if (auto found = read_prefixed(TagDialect::Barracuda, local.substr(6), "==")) return found;
  }
  if (ascii::istarts_with(local, "msprvs1=")) {
    if (auto found = read_prefixed(TagDialect::SparkPost, local.substr(8), "=")) return found;
  }
  if (ascii::istarts_with(local, "SES=") && local.size() > 4)
    return ForeignTag{TagDialect::Ses, local.substr(4), {}, {}};
  return read_sub_address(local);
}

std::string sender_identity(const Mailbox& sender) {
  std::string_view local = sender.local;
  std::string_view domain = sender.domain;
  const auto tag = foreign_tag(local);
  if (tag && !tag->local.empty()) {
    local = tag->local;
    if (!tag->domain.empty()) domain = tag->domain;
  }
  return ascii::lower(local) + "@" + ascii::lower(domain);
}

}  // namespace anechoic::mail::tags
