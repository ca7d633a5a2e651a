// SPDX-License-Identifier: Apache-2.0
// Internationalised domain names: U-labels to A-labels (IDNA 2008, with UTS 46's case folding). The one home of
// libidn2. Errors: Syntax.   Threads: pure.                                                                  RFC 5890,
// 5891
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::dns {

// In lower case; a name of ASCII is only folded, so that names with `_` and other odd labels pass. No dot at the end.
[[nodiscard]] Result<std::string> to_a_labels(std::string_view domain);

}  // namespace anechoic::dns
