// SPDX-License-Identifier: Apache-2.0
// Removes dot-stuffing from a DATA body and finds its end: BodyScanner with dots.
//
// Octets are pushed in as they come; the body comes out in runs, unchanged but for the dots (and bare line ends, in
// normalize mode). What is left of the input once ended() is true are the commands behind the body.
// Threads: none; one reader a message.                                               RFC 5321 4.1.1.4, 4.5.2
#pragma once

#include "wire/smtp/body_scanner.h"

namespace anechoic::smtp {

class DataReader {
 public:
  DataReader() = default;
  explicit DataReader(BodyRules rules) : scanner_(with_dots(rules)) {}

  [[nodiscard]] std::string_view read(std::string_view& input) { return scanner_.read(input); }
  [[nodiscard]] bool ended() const { return scanner_.ended(); }
  [[nodiscard]] const BodyScanner& scanner() const { return scanner_; }

 private:
  static BodyRules with_dots(BodyRules rules) {
    rules.dots = true;
    return rules;
  }
  BodyScanner scanner_;
};

}  // namespace anechoic::smtp
