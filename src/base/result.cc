// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <system_error>

namespace anechoic {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::Syntax:
      return "syntax";
    case Errc::Limit:
      return "limit";
    case Errc::NotFound:
      return "not-found";
    case Errc::Refused:
      return "refused";
    case Errc::Unavailable:
      return "unavailable";
    case Errc::Timeout:
      return "timeout";
    case Errc::Exhausted:
      return "exhausted";
    case Errc::Io:
      return "io";
  }
  std::unreachable();
}

Failure fail_errno(std::string_view what, int error_number) {
  std::string detail(what);
  detail += ": ";
  detail += std::generic_category().message(error_number);
  return fail(Errc::Io, std::move(detail));
}

}  // namespace anechoic
