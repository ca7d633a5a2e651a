// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/idn.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

#include "base/ascii.h"

namespace anechoic::dns {

Result<std::string> to_a_labels(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.contains('\0')) return fail(Errc::Syntax, "domain name with a NUL");
  if (std::ranges::none_of(domain, [](char c) { return static_cast<unsigned char>(c) > 127; })) {
    return ascii::lower(domain);
  }
  char* converted = nullptr;
  const int status = idn2_to_ascii_8z(std::string(domain).c_str(), &converted, IDN2_NONTRANSITIONAL);
  if (status != IDN2_OK)
    return fail(Errc::Syntax, std::string("no internationalised domain name: ") + idn2_strerror(status));
  const std::unique_ptr<char, void (*)(void*)> owner(converted, idn2_free);
  return ascii::lower(converted);
}

}  // namespace anechoic::dns
