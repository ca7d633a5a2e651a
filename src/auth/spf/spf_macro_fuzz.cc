// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/macro.h"
#include "auth/spf/target.h"
#include "testing/fuzz_input.h"

// A macro string; what follows its first line end is the local part and the HELO.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using namespace anechoic::auth::spf;
  using testing::require;
  const std::string_view input = testing::as_text(data, size);
  const std::string_view text = input.substr(0, input.find('\n'));
  const std::string_view rest = input.substr(text.size());
  const MacroValues values{.local = rest,
                           .sender_domain = "example.org",
                           .domain = "a.example.org",
                           .client = ip::parse_address(size % 2 == 0 ? "192.0.2.1" : "2001:db8::1").value(),
                           .validated = {},
                           .helo = rest,
                           .receiver = "mx.example.net",
                           .now = {}};
  const bool in_term = check_macro_string(text, MacroUse::Term).has_value();
  const bool in_text = check_macro_string(text, MacroUse::Explanation).has_value();
  require(!in_term || in_text, "explanations may have what terms have");
  require(!check_domain_spec(text) || (in_term && !text.empty()), "a domain is a macro string");
  (void)uses_validated_name(text);  // any text may be asked about
  if (in_text) {
    const std::string whole = expand(text, values, 100'000);
    require(expand(text, values, 10) == whole.substr(0, 10), "a limit only cuts");
    require(text.contains('%') || whole == text, "only macros change");
  }
  if (check_domain_spec(text)) {
    const std::string name = target_name(text, values);
    require(name.size() <= kMaxTargetName, "names are cut");
    if (const auto asked = query_name(name))
      require(asked->wire().size() == name.size() + 2, "a name is what was asked");
  }
  return 0;
}
