// SPDX-License-Identifier: Apache-2.0
#include "base/ascii.h"
#include "base/utf8.h"
#include "mail/header_address.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const auto list = mail::parse_address_list(text);
  require(list.size() <= mail::kMaxAddresses, "so many and no more");
  for (const mail::HeaderAddress& one : list) {
    require(one.address.size() <= 1000 && one.display.size() <= 1000, "each is bounded");
    require(utf8::is_valid(one.display), "names are UTF-8");
    for (const char c : one.address) require(!ascii::is_control(c), "no control characters");
    const std::string_view local = mail::local_part(one.address);
    const std::string_view domain = mail::domain_part(one.address);
    require(local.size() + domain.size() + 1 >= one.address.size(), "local part, @, domain");
    require(mail::same_mailbox(one.address, one.address), "it is itself");
  }
  (void)mail::first_address(text);
  return 0;
}
