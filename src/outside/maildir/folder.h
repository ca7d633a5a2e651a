// SPDX-License-Identifier: Apache-2.0
// Where a recipient's mail is put: DIR/domain/local, names made from bytes of strangers that never leave DIR.
// Threads: pure.
#pragma once

#include <string>
#include <string_view>

#include "mail/address.h"

namespace anechoic::maildir {

// One name in a folder: '/', '%', controls, octets above 126 and a leading dot become %XX; never "", "." or "..".
[[nodiscard]] std::string encode_name(std::string_view text);

struct FolderRules {
  std::string subaddress{};  // what parts "user+tag": everything from it on is left out; "" = part of the name
  bool fold_case = true;     // Bob@ and bob@ share a folder
  std::string hostname{};    // the domain of the bare Postmaster
};

// "example.org/bob", relative to DIR.
[[nodiscard]] std::string folder_of(const mail::Mailbox& mailbox, const FolderRules& rules);

}  // namespace anechoic::maildir
