// SPDX-License-Identifier: Apache-2.0
#include "outside/maildir/folder.h"

#include <algorithm>

namespace anechoic::maildir {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string encode_name(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  if (text.empty()) return "%";  // no other text gives this
  std::string name;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= ' ' || octet > '~' || c == '/' || c == '%' || (c == '.' && name.empty())) {
      name += '%';
      name += kHex[octet >> 4];
      name += kHex[octet & 15];
    } else {
      name += c;
    }
  }
  return name;
}

std::string folder_of(const mail::Mailbox& mailbox, const FolderRules& rules) {
  std::string local = mailbox.local;
  if (!rules.subaddress.empty()) {
    const std::size_t at = local.find(rules.subaddress);
    if (at != std::string::npos && at > 0) local.resize(at);
  }
  if (rules.fold_case) std::ranges::transform(local, local.begin(), lower);
  return encode_name(mailbox.domain.empty() ? rules.hostname : mailbox.domain) + '/' + encode_name(local);
}

}  // namespace anechoic::maildir
