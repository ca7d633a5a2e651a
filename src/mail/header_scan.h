// SPDX-License-Identifier: Apache-2.0
// Reads from a message's header block what the gateway asks before it has judged: how often the mail was relayed, by us
// too, its Message-ID, and which client a trusted relay in front of us took it from (R7).
//
// The message is fed as it comes, line ends CRLF; scanning stops behind the header block, or at limits::kHeaderBytes.
// A field longer than kFieldBytes is looked at only so far. A malformed trace field is counted, never an error
// (RFC 5321 3.7.2).   Memory: one field.   Threads: none; one owner.                     RFC 5322 3.6.4, RFC 5321 4.4
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace anechoic::mail {

struct HeaderScanOptions {
  std::string hostname;  // ours, as in our own Received fields
  unsigned hops = 0;     // the client is wanted of this Received field, counted from the top; 0 = of none
};

struct HeaderScanResult {
  unsigned received_fields = 0;
  unsigned own_received_fields = 0;
  std::string message_id;             // of the first such field, with < and >; "" = none
  std::optional<ip::Address> client;  // of the field that `hops` names
  std::string client_helo;            // ... and what it called itself, "" = nothing

  friend bool operator==(const HeaderScanResult&, const HeaderScanResult&) = default;
};

class HeaderScanner {
 public:
  static constexpr std::size_t kFieldBytes = 16 * 1024;

  explicit HeaderScanner(HeaderScanOptions options) : options_(std::move(options)) {}

  // Does nothing once done().
  void feed(std::string_view bytes);
  // The message ended; without a body its last field is still open.
  void finish();
  [[nodiscard]] bool done() const { return done_; }
  // What was found so far.
  [[nodiscard]] const HeaderScanResult& result() const { return result_; }

 private:
  void on_line(std::string_view line);
  void on_field();

  HeaderScanOptions options_;
  HeaderScanResult result_;
  std::string line_;   // not ended yet
  std::string field_;  // its lines joined, without line ends
  std::size_t fed_ = 0;
  bool done_ = false;
};

[[nodiscard]] HeaderScanResult scan_headers(std::string_view header_block, HeaderScanOptions options);

}  // namespace anechoic::mail
