// SPDX-License-Identifier: Apache-2.0
// Master files, as name servers read them: $ORIGIN, $TTL, records of class IN, also in the generic form of RFC 3597.
//
// Without $ORIGIN names are relative to the root, and one file may have records of any zones. Records of types that
// dns::Type does not name are skipped (their names exist); a SOA record must be valid and is then dropped.
// $INCLUDE is refused. What a name server cannot say in a record, a comment says:
//
//   ; anechoic: timeout  slow.example.org.        every question about the name gets no answer
//   ; anechoic: servfail mail.example.org. MX     questions about its MX records fail
//
// Errors: Syntax, Limit; "line 7: ..." and what to do. Any bytes may be read.
// Bounds: memory as the text; time linear but for Zone::add().
//                                                             RFC 1035 5; RFC 2308 4; RFC 3597 5; RFC 2181 8, 10.1
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/dns/zone.h"

namespace anechoic::dns {

struct ZoneFile {
  static constexpr std::size_t kMostNotes = 20;
  Zone zone;
  std::size_t skipped = 0;           // records of types that are not used here
  std::vector<std::string> notes{};  // "line 7: ..." what was skipped, and what name servers would not take; bounded
};

[[nodiscard]] Result<ZoneFile> parse_zone_file(std::string_view text);

}  // namespace anechoic::dns
