// SPDX-License-Identifier: Apache-2.0
// The canonical form of header fields, and the digest that a signature signs: the listed fields, then the signature's
// own field without the value of b=. ARC uses the same parts.
//
// Any bytes; a line end that is missing at the end of a field is added, as the message's next line would have it.
// Lifetime: nothing is kept of what is given.   Threads: none; one owner.              RFC 6376 3.4.1-2, 3.7, 5.4.2
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/canonicalization.h"
#include "mail/header_block.h"

namespace anechoic::auth::dkim {

// With the line end.
void append_canonical(std::string& out, Canonicalization canonicalization, const mail::Field& field);

// The fields that a list of names means, in its order: each name's instances are taken from the bottom, one each time
// it is listed; names without a field left mean nothing. `own` (the signature being made or verified; may be null) is
// never taken. Time: names times fields, and the first is bounded by who parsed them.
[[nodiscard]] std::vector<const mail::Field*> select_fields(const mail::HeaderBlock& header,
                                                            const std::vector<std::string>& names,
                                                            const mail::Field* own);

class HeaderHash {
 public:
  explicit HeaderHash(Canonicalization canonicalization) : canonicalization_(canonicalization) {}
  void add(const mail::Field& field) { append_canonical(text_, canonicalization_, field); }
  void add(const std::vector<const mail::Field*>& fields) {
    for (const mail::Field* field : fields) add(*field);
  }
  // The signature's field, whose b= has the value `b` (a view into the field; the blanks around it belong to it).
  // Returns the SHA-256 digest, 32 octets.
  [[nodiscard]] std::string finish(const mail::Field& signature, std::string_view b);
  [[nodiscard]] const std::string& text() const { return text_; }  // what is hashed

 private:
  Canonicalization canonicalization_;
  std::string text_;
};

}  // namespace anechoic::auth::dkim
