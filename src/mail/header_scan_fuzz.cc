// SPDX-License-Identifier: Apache-2.0
#include "mail/header_scan.h"
#include "mail/received.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t seed = testing::take_octet(text);
  const mail::HeaderScanOptions options{"mx.example.org", seed % 4U};
  const mail::HeaderScanResult whole = mail::scan_headers(text, options);
  require(whole.own_received_fields <= whole.received_fields, "ours are some of all");

  mail::HeaderScanner scanner(options);
  testing::in_pieces(text, seed, [&](std::string_view piece) { scanner.feed(piece); });
  scanner.finish();
  require(scanner.result() == whole, "the pieces do not matter");

  // Whatever a client says of itself, our own field is read back as we meant it, and is one field.
  mail::Received received;
  received.helo = text.substr(0, text.size() / 2);
  received.client_name = text.substr(text.size() / 2);
  received.client = *ip::parse_address("192.0.2.1");
  received.by = "mx.example.org";
  received.id = text.substr(0, 20);
  const std::string field = mail::write_received(received);
  const mail::HeaderScanResult read = mail::scan_headers(field + "\r\n", {"mx.example.org", 1});
  require(read.received_fields == 1 && read.own_received_fields == 1 && read.message_id.empty(), "one field of ours");
  require(read.client == received.client, "the client that we saw");
  return 0;
}
