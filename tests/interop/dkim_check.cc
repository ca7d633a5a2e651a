// SPDX-License-Identifier: Apache-2.0
// DKIM verification over a master file, many messages in one process. For dkim_test.py.
//
//   interop_dkim_check ZONE
//
// Each line of stdin names a file with one message (line ends CRLF); the answer is a line of result, algorithm and
// reason for each signature, these parted by tabs, the signatures by vertical bars. Exit status: 0 answered, 2 could
// not.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "auth/dkim/verify.h"
#include "testing/fake_clock.h"
#include "testing/zone_text.h"

namespace {

using namespace anechoic;

std::string read(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) std::exit(2);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  testing::ZoneText resolver(read(argv[1]));
  const testing::FakeClock clock;
  crypto::PublicKeys keys;
  for (std::string name; std::getline(std::cin, name);) {
    const std::string message = read(name);
    const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
    auth::dkim::BodyDigests digests;
    auth::dkim::Verification verification(header, digests, {});
    digests.feed(std::string_view(message).substr(header.body_offset()));
    digests.finish();
    auth::Lookups lookups(resolver, clock, {});
    start(verification.finish(lookups, keys, SystemClock().wall()),
          [](const std::vector<auth::dkim::Outcome>& outcomes) {
            std::string line;
            for (const auth::dkim::Outcome& outcome : outcomes)
              line += (line.empty() ? "" : "|") + std::string(to_string(outcome.result)) + "\t" + outcome.algorithm +
                      "\t" + outcome.reason;
            std::puts(line.c_str());
          });
  }
  return 0;
}
