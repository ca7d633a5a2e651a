// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/alignment.h"

namespace anechoic::auth::dmarc {

Task<Aligned> is_aligned(Records& records, Walk author, Alignment mode, dns::Name authenticated) {
  if (authenticated == author.start) co_return Aligned::Yes;
  if (mode == Alignment::Strict) co_return Aligned::No;
  if (author.failed) {
    // Whatever the organisation turns out to be, it has the author's top-level domain.
    co_return authenticated.is_within(author.start.last(1)) ? Aligned::Unknown : Aligned::No;
  }
  const dns::Name organization = organizational_domain(author);
  if (!authenticated.is_within(organization)) co_return Aligned::No;
  const Walk walk = co_await walk_tree(records, authenticated);
  if (walk.failed) co_return Aligned::Unknown;
  co_return organizational_domain(walk) == organization ? Aligned::Yes : Aligned::No;
}

}  // namespace anechoic::auth::dmarc
