// SPDX-License-Identifier: Apache-2.0
#include "testing/fuzz_input.h"
#include "wire/dns/zone_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const auto file = dns::parse_zone_file(text);
  if (!file) {
    require(file.error().detail.starts_with("line "), "an error names its line");
    return 0;
  }
  const dns::Zone& zone = file->zone;
  require(zone.records() <= size, "a record takes more than an octet");
  require(file->notes.size() <= dns::ZoneFile::kMostNotes, "notes are bounded");
  for (std::string_view rest = text; !rest.empty();) {  // whatever stands in it is asked for
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n"));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const auto name = dns::Name::parse(word);
    if (!name) continue;
    for (const auto type : {dns::Type::A, dns::Type::Cname, dns::Type::Txt, dns::Type::Mx}) {
      const auto look = zone.look(*name, type);
      require((look.outcome == dns::Zone::Outcome::Records) != look.records.empty(), "records are records");
      require(look.outcome != dns::Zone::Outcome::ServFail || !look.detail.empty(), "failures are explained");
      if (type != dns::Type::Txt) continue;
      for (const auto& record : look.records) require(std::holds_alternative<dns::Txt>(record), "of the type asked");
    }
  }
  return 0;
}
