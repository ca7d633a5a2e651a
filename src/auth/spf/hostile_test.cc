// SPDX-License-Identifier: Apache-2.0
// Records that are made to cost: what one check may ask for, and how long it may take, is asserted.
#include <gtest/gtest.h>
#include <malloc.h>

#include <ctime>

#include "testing/spf_fixture.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

namespace anechoic::auth::spf {
namespace {

using anechoic::testing::ask_for;
using anechoic::testing::check;
using anechoic::testing::ZoneText;

constexpr std::size_t kQuoted = 250;  // octets of one string of a TXT record

#if __has_feature(address_sanitizer)
std::size_t allocated() {
  return ::__sanitizer_get_current_allocated_bytes();
}
#else
std::size_t allocated() {
  return mallinfo2().uordblks;
}
#endif

std::string txt(std::string_view name, std::string_view text) {
  std::string out = std::string(name) + " TXT";
  for (; !text.empty(); text.remove_prefix(std::min(kQuoted, text.size()))) {
    out += " \"" + std::string(text.substr(0, kQuoted)) + '"';
  }
  return out + '\n';
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

struct Bomb {
  std::string_view what;
  std::string zone;
  Result result;
  std::size_t queries;  // at most
};

TEST(SpfHostile, BombsAreBounded) {
  std::string tree;
  for (int i = 0; i < 60; ++i) {
    const std::string next = std::to_string(i + 1);
    tree +=
        txt("i" + std::to_string(i) + ".example.", "v=spf1 " + repeated("include:i" + next + ".example ", 20) + "-all");
  }
  std::string exchanges = txt("mx.example.", "v=spf1" + repeated(" mx", 10) + " +all");
  for (int i = 0; i < 10; ++i) exchanges += "mx.example. MX 0 h" + std::to_string(i) + ".example.\n";
  std::string many = txt("many.example.", "v=spf1 mx +all");
  for (int i = 0; i < 300; ++i) many += "many.example. MX 0 h" + std::to_string(i) + ".example.\n";
  std::string pointers =
      txt("ptr.example.", "v=spf1" + repeated(" ptr", 5) + repeated(" exists:%{p}.x.example", 2) + " +all");
  for (int i = 0; i < 300; ++i) pointers += "1.2.0.192.in-addr.arpa. PTR h" + std::to_string(i) + ".ptr.example.\n";

  const Bomb bombs[] = {
      {"tree of includes", tree, Result::PermError, 11},
      {"include of itself", txt("i0.example.", "v=spf1 " + repeated("include:i0.example ", 1000)), Result::PermError,
       11},
      {"redirect to itself", txt("i0.example.", "v=spf1 redirect=i0.example"), Result::PermError, 11},
      {"include and redirect in a circle",
       txt("i0.example.", "v=spf1 include:i1.example") + txt("i1.example.", "v=spf1 redirect=i0.example"),
       Result::PermError, 11},
      {"aliases in a circle",
       txt("i0.example.", "v=spf1 a:c0.example -all") +
           "c0.example. CNAME c1.example.\nc1.example. CNAME c0.example.\n",
       Result::TempError, 2},
      {"names by macros that never end",
       txt("i0.example.", "v=spf1 redirect=a.%{d}") + "*.i0.example. TXT \"v=spf1 redirect=a.%{d}\"\n",
       Result::PermError, 11},
      {"five thousand networks", txt("i0.example.", "v=spf1" + repeated(" ip4:1.2.3.4", 5000) + " -all"), Result::Fail,
       1},
      {"twenty thousand look-ups",
       txt("i0.example.", "v=spf1" + repeated(" a", 20'000)) + "i0.example. A 198.51.100.1\n", Result::PermError, 11},
      {"a mistake at the end", txt("i0.example.", "v=spf1" + repeated(" a", 20'000) + " moo"), Result::PermError, 1},
      {"macros to the limit",
       txt("i0.example.", "v=spf1" + repeated(" exists:" + repeated("%{s}.%{h}.", 700) + "b.example", 10) + " -all"),
       Result::PermError, 4},
      {"a macro of many digits", txt("i0.example.", "v=spf1 exists:%{d" + repeated("9", 50'000) + "}.b.example -all"),
       Result::Fail, 2},
      {"a hundred hosts of MX records", exchanges, Result::TempError, 60},
      {"three hundred MX records", many, Result::PermError, 2},
      {"three hundred names of a client", pointers, Result::Pass, 14},
  };
  for (const Bomb& bomb : bombs) {
    ZoneText resolver(bomb.zone);
    const std::string domain = bomb.zone.substr(0, bomb.zone.find(". "));
    std::string sender = repeated("%{l}.", 200);  // the sender's choice, too
    sender += '@';
    sender += domain;
    const std::size_t before = allocated();
    std::size_t held = 0;
    resolver.on_question([&] { held = std::max(held, allocated() - before); });
    const std::clock_t begun = std::clock();
    const Outcome outcome = check(resolver, ask_for(sender, "192.0.2.1", repeated("x.", 249) + 'x'));
    const double took = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
    EXPECT_EQ(to_string(outcome.result), to_string(bomb.result)) << bomb.what << ": " << outcome.problem;
    EXPECT_LE(resolver.asked().size(), bomb.queries) << bomb.what;
    EXPECT_LE(outcome.lookup_terms, 11U) << bomb.what;
    EXPECT_LT(took, 0.3) << bomb.what;       // seconds of the processor, with sanitizers
    EXPECT_LT(held, 500'000U) << bomb.what;  // octets, while it waits for the DNS
    EXPECT_LE(outcome.problem.size(), 500U) << bomb.what;
    EXPECT_LE(outcome.record.size(), 1024U) << bomb.what;
    EXPECT_LE(outcome.term.size(), 256U) << bomb.what;
    EXPECT_LE(outcome.explanation.size(), 500U) << bomb.what;
  }
}

// Answers that come one by one, sixty of them.
TEST(SpfHostile, HeldBackAnswersEndIt) {
  std::string zone = txt("mx.example.", "v=spf1" + repeated(" mx", 5) + " +all");
  for (int i = 0; i < 10; ++i) zone += "mx.example. MX 0 h" + std::to_string(i) + ".example.\n";
  ZoneText resolver(zone);
  resolver.answer_later();
  EXPECT_EQ(check(resolver, ask_for("a@mx.example", "192.0.2.1")).result, Result::Pass);
  EXPECT_EQ(resolver.asked().size(), 56U);
}

}  // namespace
}  // namespace anechoic::auth::spf
