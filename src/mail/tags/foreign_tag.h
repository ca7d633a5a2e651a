// SPDX-License-Identifier: Apache-2.0
// Tags of other systems on the reverse-paths of incoming mail, recognised by their shape: who is this sender, whatever
// today's tag? For greylisting, reputation and exceptions; never a proof of anything.
//
// Total, linear.   Lifetime: views point into the local part.   Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mail/address.h"

namespace anechoic::mail::tags {

enum class TagDialect : std::uint8_t {
  Prvs,         // prvs=TAG=local; Exim, batv-tools, Proofpoint, Sendmail's milters
  PrvsTagLast,  // prvs=local=TAG; Cisco (IronPort)
  PrvsSlash,    // prvs=local/TAG; the first drafts
  PrvsSub,      // local+prvs=TAG (or -prvs=); batv-tools
  Barracuda,    // btv1==TAG==local
  SparkPost,    // msprvs1=TAG=local
  Srs0,         // SRS0=HASH=TIME=domain=local, any separator
  Srs1,         // SRS1=HASH=forwarder==HASH=TIME=domain=local
  Ses,          // SES=...: signed envelope sender; the sender can't be told
};

struct ForeignTag {
  TagDialect dialect = TagDialect::Prvs;
  std::string_view tag;     // SRS and SES: all behind the prefix
  std::string_view local;   // without the tag; "" = can't be told
  std::string_view domain;  // SRS: of the original sender, who is not proved; else ""
};

// Nothing, if the local part looks like no tag that is known.
[[nodiscard]] std::optional<ForeignTag> foreign_tag(std::string_view local);

// The same text for every tag of one sender: `local@domain` in lower case (ASCII) without tag; with SRS the original
// sender's; the address itself if there is no tag or the sender can't be told.
[[nodiscard]] std::string sender_identity(const Mailbox& sender);

// "SRS0" or "SRS1" and one of the separators = - + (any case).
[[nodiscard]] bool is_srs(std::string_view local);

}  // namespace anechoic::mail::tags
