// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/evidence.h"

#include <algorithm>

namespace anechoic::judge {

void Evidence::add(SignalId id, std::string_view detail) {
  if (has(id)) return;
  seen.set(static_cast<std::size_t>(id));
  std::size_t length = std::min(detail.size(), kDetailBytes);
  // Never half a character.
  while (length < detail.size() && length > 0 && (static_cast<unsigned char>(detail[length]) & 0xC0U) == 0x80U)
    --length;
  signals.push_back({to_string(id), std::string(detail.substr(0, length))});
}

}  // namespace anechoic::judge
