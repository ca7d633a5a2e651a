// SPDX-License-Identifier: Apache-2.0
// The resolver port over a Zone: for tests and for looking at records that are not published yet. Answers at once, also
// what the zone says times out.
//
// Lifetime: the zone outlives it.   Threads: any, with a resolver each.
#pragma once

#include "auth/lookup/resolver.h"
#include "wire/dns/zone.h"

namespace anechoic::dns {

class ZoneResolver final : public auth::Resolver {
 public:
  explicit ZoneResolver(const Zone& zone) : zone_(zone) {}
  void resolve(const auth::Question& question, SteadyTime deadline, Callback callback) override;

 private:
  const Zone& zone_;
};

}  // namespace anechoic::dns
