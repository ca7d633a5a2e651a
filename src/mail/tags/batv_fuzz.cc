// SPDX-License-Identifier: Apache-2.0
#include "base/ascii.h"
#include "mail/tags/batv.h"
#include "mail/tags/foreign_tag.h"
#include "testing/fuzz_input.h"
#include "testing/tag_keys.h"

namespace {

using namespace anechoic;
using testing::require;

bool lies_in(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_foreign(std::string_view local) {
  const auto tag = mail::tags::foreign_tag(local);
  if (!tag) return;
  require(lies_in(tag->tag, local) && lies_in(tag->local, local) && lies_in(tag->domain, local), "views of the input");
  require(!tag->tag.empty() && tag->local.size() < local.size(), "a tag is something");
}

void check_reading(std::string_view local, const mail::tags::BatvReading& reading) {
  if (reading.state == mail::tags::TagState::NotTagged) return;
  require(reading.key < 10 && !reading.local.empty() && reading.local.size() < local.size(), "a tag is taken off");
  require(local.find(reading.local) != std::string_view::npos, "what is left was there");
}

}  // namespace

// Two octets of time, the rest an address.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const int day = testing::take_octet(text) * 256 + testing::take_octet(text);
  const auto at = text.rfind('@');
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = at == std::string_view::npos ? "example.com" : text.substr(at + 1);
  const mail::tags::KeyRing keys = testing::tag_ring(testing::tag_key(0, "secret"), testing::tag_key(7, "other"));
  const mail::tags::Batv batv(keys, {});
  const mail::tags::Batv sub(keys, {.write = mail::tags::BatvForm::SubAddress});

  check_foreign(local);
  check_reading(local, batv.verify(local, domain, testing::noon(day)));
  const auto mailbox = mail::parse_mailbox(text, mail::Utf8::Allowed);
  if (!mailbox) return 0;
  require(!mail::tags::sender_identity(*mailbox).empty(), "a sender has an identity");
  for (const auto* each : {&batv, &sub}) {
    const auto tagged = each->tag({*mailbox}, testing::noon(day));
    if (!tagged) continue;
    require(mail::parse_mailbox(to_string(*tagged), mail::Utf8::Allowed) == *tagged, "commands carry it");
    const auto reading = each->verify(*tagged, testing::noon(day + day % 15));
    require(reading.state == mail::tags::TagState::Good, "what we tag we know again");
    require(reading.local == ascii::lower(mailbox->local), "and whose it was");
    require(each->tag({*tagged}, testing::noon(day)).error() == mail::tags::Untagged::AlreadyTagged, "once");
    require(mail::tags::foreign_tag(tagged->local).has_value(), "others see a tag");
  }
  return 0;
}
