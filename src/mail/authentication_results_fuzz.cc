// SPDX-License-Identifier: Apache-2.0
#include "mail/authentication_results.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view value = testing::as_text(data, size);
  const auto strict = mail::parse_authentication_results(value, mail::Reading::Strict);
  const auto lenient = mail::parse_authentication_results(value, mail::Reading::Lenient);
  require(!strict || lenient, "what is right is right for a lenient reader");
  if (strict) {
    require(mail::claims_to_be_ours(value, std::vector<std::string>{strict->authserv_id}) ||
                strict->authserv_id.find_first_not_of(". ") == std::string::npos,
            "its own identifier is told");
  }
  // Whatever was read is written as one field that parses.
  mail::AuthenticationResults results;
  if (lenient) results = *lenient;
  results.authserv_id += value;
  results.results.push_back({.method = std::string(value),
                             .result = std::string(value),
                             .reason = std::string(value),
                             .properties = {{"header", std::string(value), std::string(value)}}});
  const std::string field = mail::write_authentication_results(results);
  require(field.size() < 1'000'000, "a field is bounded");
  for (std::size_t i = field.find('\n'); i + 1 < field.size(); i = field.find('\n', i + 1)) {
    require(field[i - 1] == '\r' && field[i + 1] == '\t', "each line end is a fold");
  }
  const auto again =
      mail::parse_authentication_results(std::string_view(field).substr(field.find(':') + 1), mail::Reading::Strict);
  require(again.has_value(), "what is written parses");
  require(again->results.size() == std::min(results.results.size(), mail::kMostWritten), "no result is added");
  return 0;
}
