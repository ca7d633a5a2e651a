// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/classic_srs.h"
#include "mail/tags/foreign_tag.h"
#include "mail/tags/srs.h"
#include "testing/fuzz_input.h"
#include "testing/tag_keys.h"

namespace {

using namespace anechoic;
using testing::require;

mail::tags::ClassicSrs classic() {
  std::vector<crypto::Secret> secrets;
  secrets.emplace_back("secret");
  secrets.emplace_back("old");
  return mail::tags::ClassicSrs(std::move(secrets));
}

void check_classic(std::string_view text, int day) {
  static const mail::tags::ClassicSrs kSrs = classic();
  (void)kSrs.reverse(text, testing::noon(day));
  (void)kSrs.forward_shortcut(text, "fwd.example", testing::noon(day));
  const auto forward = kSrs.forward(text, "fwd.example", testing::noon(day));
  if (!forward || *forward == text) return;
  const auto reverse = kSrs.reverse(*forward, testing::noon(day + 21));
  const auto at = text.rfind('@');
  // "=" in a domain can't be told from the separator; no domain has one.
  if (text.substr(at).find('=') != std::string_view::npos) return;
  require(reverse.has_value(), "what is forwarded can be reversed");
  if (!mail::tags::is_srs(text.substr(0, at))) require(*reverse == text, "to what it was");
}

}  // namespace

// Two octets of time, the rest an address.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const int day = testing::take_octet(text) * 256 + testing::take_octet(text);
  check_classic(text, day);

  const mail::tags::KeyRing keys = testing::tag_ring(testing::tag_key(0, "secret"), testing::tag_key(7, "other"));
  const mail::tags::Srs srs(keys, {.domain = "fwd.example"});
  (void)srs.reverse({std::string(text.substr(0, text.rfind('@'))), "fwd.example"}, testing::noon(day));
  const auto mailbox = mail::parse_mailbox(text, mail::Utf8::Allowed);
  if (!mailbox) return 0;
  for (const auto proved : {mail::tags::Proved::No, mail::tags::Proved::Yes}) {
    const auto rewritten = srs.forward({*mailbox}, proved, testing::noon(day));
    if (!rewritten) continue;
    require(mail::parse_mailbox(to_string(*rewritten), mail::Utf8::Allowed) == *rewritten, "commands carry it");
    const auto reading = srs.reverse(*rewritten, testing::noon(day + day % 22));
    require(reading.state == mail::tags::TagState::Good, "what we rewrite we know again");
    require(proved == mail::tags::Proved::Yes || reading.proved == mail::tags::Proved::No, "no proof out of nothing");
    if (reading.first_hop) require(reading.original == *mailbox && reading.proved == proved, "as it was");
    require(!srs.forward({*rewritten}, proved, testing::noon(day)), "once");
  }
  return 0;
}
