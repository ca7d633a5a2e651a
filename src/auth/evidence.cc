// SPDX-License-Identifier: Apache-2.0
#include "auth/evidence.h"

#include <algorithm>

#include "base/ascii.h"

namespace anechoic::auth {

std::string_view to_string(By by) {
  switch (by) {
    case By::Spf:
      return "spf";
    case By::Dkim:
      return "dkim";
    case By::Submission:
      return "submission";
  }
  return "submission";
}

std::string_view to_string(Place place) {
  switch (place) {
    case Place::ReversePath:
      return "reverse-path";
    case Place::From:
      return "from";
    case Place::Sender:
      return "sender";
    case Place::ReplyTo:
      return "reply-to";
  }
  return "reply-to";
}

std::string_view to_string(Unproved value) {
  return value == Unproved::Unknown ? "unknown" : "no";
}

bool Evidence::is_proved(std::string_view address) const {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  return std::ranges::any_of(proved, [&](const Proved& one) {
    return one.address.size() == address.size() && one.address.starts_with(address.substr(0, at + 1)) &&
           ascii::iequals(std::string_view(one.address).substr(at), address.substr(at));
  });
}

}  // namespace anechoic::auth
