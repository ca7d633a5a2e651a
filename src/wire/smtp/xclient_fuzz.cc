// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "base/ip.h"
#include "testing/fuzz_input.h"
#include "wire/smtp/xclient.h"
#include "wire/smtp/xtext.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  require(smtp::decode_xtext(smtp::encode_xtext(text)) == text, "xtext brings back what was put in");
  if (const auto decoded = smtp::decode_xtext(text)) require(decoded->size() <= text.size(), "decoding never grows");
  for (const auto command : {smtp::IdentityCommand::Xclient, smtp::IdentityCommand::Xforward}) {
    const auto identity = smtp::parse_identity(text, command);
    if (!identity) continue;
    for (const auto& value : {identity->name, identity->addr, identity->proto, identity->helo, identity->ident,
                              identity->source, identity->login}) {
      if (!value) continue;
      require(value->size() <= 255 && std::ranges::none_of(*value, ascii::is_control), "values are short and clean");
    }
    if (identity->addr)
      require(identity->addr->empty() || ip::parse_address(*identity->addr).has_value(), "an address");
    smtp::Identity merged;
    merge(merged, *identity);
    require(merged == *identity, "merged into nothing it is the same");
  }
  return 0;
}
