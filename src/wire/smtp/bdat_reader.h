// SPDX-License-Identifier: Apache-2.0
// Reads the chunks of a message that comes by BDAT.
//
// All octets of a chunk are taken, whatever is wrong with them: else they would be read as commands. Line ends are
// checked as in DATA, across chunks; a CRLF that is missing at the end is added. A message with a fault is over with
// the chunk in which the fault was found.   Memory: constant.   Threads: none; one reader a message.          RFC 3030
// 2
#pragma once

#include "wire/smtp/body_scanner.h"

namespace anechoic::smtp {

class BdatReader {
 public:
  BdatReader() = default;
  explicit BdatReader(BodyRules rules);

  // REQUIRES: chunk_done().
  void begin_chunk(std::uint64_t octets, bool last);
  // The next run, or "" when the input is used up or the chunk is done.
  [[nodiscard]] std::string_view read(std::string_view& input);
  [[nodiscard]] bool chunk_done() const { return remaining_ == 0 && !finishing_; }
  [[nodiscard]] bool last() const { return last_; }
  [[nodiscard]] std::uint64_t chunk_octets() const { return chunk_octets_; }
  [[nodiscard]] const BodyScanner& scanner() const { return scanner_; }

 private:
  BodyScanner scanner_;
  std::uint64_t remaining_ = 0;
  std::uint64_t chunk_octets_ = 0;
  bool last_ = false;
  bool finishing_ = false;  // the last chunk was read, its end not yet looked at
};

}  // namespace anechoic::smtp
