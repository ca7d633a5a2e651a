// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "mail/address.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  for (const mail::Utf8 utf8 : {mail::Utf8::Forbidden, mail::Utf8::Allowed}) {
    if (const auto mailbox = mail::parse_mailbox(text, utf8)) {
      const std::string printed = mail::to_string(*mailbox);
      require(mail::parse_mailbox(printed, utf8) == *mailbox, "a printed mailbox is the same mailbox");
      require(std::ranges::none_of(printed, ascii::is_control), "a mailbox holds no controls");
      require(!mailbox->local.empty() && mailbox->local.size() <= limits::kLocalPart, "local part within its bound");
      require(!mailbox->domain.empty() && mailbox->domain.size() <= limits::kDomain, "domain within its bound");
      require(utf8 == mail::Utf8::Allowed || !mailbox->needs_utf8(), "UTF-8 only where allowed");
      require(mailbox->domain.find_first_of("<>@,; \"") == std::string::npos, "a domain holds no delimiters");
    }
    if (const auto domain = mail::parse_domain(text, utf8)) {
      require(mail::parse_domain(*domain, utf8) == *domain, "a domain read again is the same");
    }
  }
  return 0;
}
