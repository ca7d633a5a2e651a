// SPDX-License-Identifier: Apache-2.0
#include "app/terminal_text.h"

#include <cstdlib>

#include "base/ascii.h"
#include "observe/escape.h"

namespace anechoic::app {

std::string terminal_text(std::string_view text) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') continue;
    const std::string locale = ascii::lower(value);
    const bool utf8 = locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    return utf8 ? observe::printable(text) : observe::escape(text);
  }
  return observe::escape(text);
}

}  // namespace anechoic::app
