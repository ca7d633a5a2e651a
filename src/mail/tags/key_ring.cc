// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/key_ring.h"

#include <algorithm>
#include <string>
#include <utility>

namespace anechoic::mail::tags {

WallTime moved(WallTime time, std::chrono::days by) {
  if (by.count() >= 0) return time > WallTime::max() - by ? WallTime::max() : time + by;
  return time < WallTime::min() - by ? WallTime::min() : time + by;
}

Result<KeyRing> KeyRing::make(std::vector<Key> keys) {
  unsigned taken = 0;
  for (const Key& key : keys) {
    const std::string name = "key " + std::to_string(key.id);
    if (key.id > 9) return fail(Errc::Syntax, name + ": the number of a key is one digit, 0 to 9");
    if (key.secret.empty()) return fail(Errc::Syntax, name + " is empty");
    if (key.not_before >= key.until)
      return fail(Errc::Syntax, name + " ends before it begins; exchange its two times, or take it out");
    if ((taken >> key.id & 1U) != 0)
      return fail(Errc::Syntax, name + " is there twice; give the newer one a number that no living tag carries");
    taken |= 1U << key.id;
  }
  KeyRing ring;
  ring.keys_ = std::move(keys);
  return ring;
}

const Key* KeyRing::signing(WallTime at) const {
  const Key* best = nullptr;
  for (const Key& key : keys_) {
    if (at < key.not_before || at >= key.until) continue;
    if (best == nullptr || std::pair(key.not_before, key.id) > std::pair(best->not_before, best->id)) best = &key;
  }
  return best;
}

const Key* KeyRing::find(unsigned id) const {
  const auto found = std::ranges::find(keys_, id, &Key::id);
  return found == keys_.end() ? nullptr : &*found;
}

bool in_term(const Key& key, WallTime earliest, WallTime latest) {
  return moved(latest, kClockSkew) >= key.not_before && moved(earliest, -kClockSkew) < key.until;
}

}  // namespace anechoic::mail::tags
