// SPDX-License-Identifier: Apache-2.0
// How much memory was asked of operator new at once since begin(). Linking track.cc replaces the operators of the whole
// program.   Threads: one.
#pragma once

#include <cstddef>

namespace anechoic::track {

void begin();
[[nodiscard]] std::size_t peak();         // octets, as malloc rounds them
[[nodiscard]] std::size_t allocations();  // calls

}  // namespace anechoic::track
