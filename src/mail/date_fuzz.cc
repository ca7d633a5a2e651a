// SPDX-License-Identifier: Apache-2.0
#include "mail/date.h"
#include "mail/received.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const auto at = mail::parse_date(testing::as_text(data, size));
  if (!at) return 0;
  const std::string written = mail::format_rfc3339(*at);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*at);
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(*at)).year();
  require(year >= std::chrono::year(1899) && year <= std::chrono::year(10000), "a year of mail");
  if (year < std::chrono::year(1900) || year > std::chrono::year(9999)) return 0;
  require(written.size() == 20, "RFC 3339 has one length");
  require(mail::parse_date(written) == seconds, "what we write we read");
  require(mail::parse_date(mail::format_date(*at)) == seconds, "in both forms");
  return 0;
}
