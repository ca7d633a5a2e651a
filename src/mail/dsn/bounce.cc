// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/bounce.h"

namespace anechoic::mail::dsn {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::Failed:
      return "failed";
    case Action::Delayed:
      return "delayed";
    case Action::Delivered:
      return "delivered";
    case Action::Relayed:
      return "relayed";
    case Action::Expanded:
      return "expanded";
    case Action::Unknown:
      break;
  }
  return "";
}

}  // namespace anechoic::mail::dsn
