// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/macro.h"
#include "auth/spf/record.h"
#include "testing/fuzz_input.h"

// A record, whatever stands behind its version.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string text = "v=spf1 " + std::string(testing::as_text(data, size));
  require(auth::spf::is_record(text), "begins with its version");
  const auto record = auth::spf::parse_record(text);
  if (!record) {
    require(!record.error().detail.empty() && record.error().detail.size() < 200, "errors are explained, in few words");
    for (const char c : record.error().detail) require(c >= ' ' && c <= '~', "errors are printable");
    return 0;
  }
  std::size_t terms = 0;
  std::string_view rest = record->terms;
  const auto client = ip::parse_address("2001:db8::1").value();
  while (const auto directive = auth::spf::next_directive(rest)) {
    ++terms;
    require(!directive->text.empty() && !directive->text.contains(' '), "a term has no spaces");
    require(directive->bits4 <= 32 && directive->bits6 <= 128, "prefix lengths are in bounds");
    require(directive->domain_spec.empty() || auth::spf::check_domain_spec(directive->domain_spec),
            "domains are checked");
    require(!directive->network.v4 || !directive->network.contains(client), "families are told apart");
  }
  require(rest.find_first_not_of(' ') == std::string_view::npos, "all terms are taken");
  require(terms <= size, "a term has an octet");
  return 0;
}
