// SPDX-License-Identifier: Apache-2.0
// Files that hold a key: read only where nobody else may read them, and never written over.
//
// Errors: Refused (others may read it, no file, there is one already), Limit (too long), Io; with the path, and what to
// do.   Threads: none needed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::crypto {

// All of a file of mode 0600 or stricter, at most `most` octets. The caller wipes what it gets.
[[nodiscard]] Result<std::string> read_key_file(const std::string& path, std::size_t most);

// Makes a file of mode 0600, synced; it must not be there yet.
[[nodiscard]] Result<void> write_new_key_file(const std::string& path, std::string_view text);

}  // namespace anechoic::crypto
