// SPDX-License-Identifier: Apache-2.0
// SPF checks over a master file, many in one process. For spf_test.py.
//
//   interop_spf_check ZONE
//
// Each line of stdin is client, HELO and sender, parted by tabs; the answer is a line of result, explanation, problem.
// Exit status: 0 answered, 2 could not.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "auth/spf/check.h"
#include "testing/fake_clock.h"
#include "testing/zone_text.h"

namespace {

using namespace anechoic;

std::string take_field(std::string& line) {
  const std::size_t tab = std::min(line.find('\t'), line.size());
  std::string field = line.substr(0, tab);
  line.erase(0, tab + 1);
  return field;
}

// The sender as suites write it: no "@" is a domain, "" the null sender.
auth::spf::Question question_of(std::string line) {
  auth::spf::Question question;
  const auto client = ip::parse_address(take_field(line));
  if (!client) std::exit(2);
  question.client = *client;
  question.helo = take_field(line);
  const std::string sender = take_field(line);
  const std::size_t at = sender.find('@');
  question.domain = sender.empty() ? question.helo : at == std::string::npos ? sender : sender.substr(at + 1);
  if (at != std::string::npos) question.local = sender.substr(0, at);
  return question;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string zone((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  testing::ZoneText resolver(zone);
  const testing::FakeClock clock;
  for (std::string line; std::getline(std::cin, line);) {
    auth::Lookups lookups(resolver, clock, {.queries = 200});
    start(auth::spf::check_host(lookups, question_of(line), {}), [](const auth::spf::Outcome& outcome) {
      std::printf("%s\t%s\t%s\n", std::string(to_string(outcome.result)).c_str(), outcome.explanation.c_str(),
                  outcome.problem.c_str());
    });
  }
  return 0;
}
