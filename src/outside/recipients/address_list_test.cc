// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/address_list.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>

#include "outside/recipients/list_watcher.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace anechoic::recipients {
namespace {

using Kind = SourceAnswer::Kind;

mail::Mailbox box(const std::string& address) {
  return mail::parse_mailbox(address, mail::Utf8::Allowed).value();
}

class AddressListTest : public ::testing::Test {
 protected:
  // By rename, as a careful administrator's script does it: whoever reads sees the old file or the new one.
  void write(const std::string& text) const {
    std::ofstream(path + ".new") << text;
    ASSERT_EQ(std::rename((path + ".new").c_str(), path.c_str()), 0);
  }
  static std::string people(int count, const std::string& more = "") {
    std::string text = "postmaster@example.org\n" + more;
    for (int i = 1; i < count; ++i) {
      text += "user" + std::to_string(i) + "@example.org\n";
    }
    return text;
  }
  AddressList make(const std::string& canary = "postmaster@example.org") {
    AddressListOptions options{.name = "people", .path = path, .canary = std::nullopt, .rules = {}};
    if (!canary.empty()) {
      options.canary = box(canary);
    }
    return {options, [this](const Alarm& alarm) { alarms.push_back(alarm); }, clock};
  }
  static Kind kind(AddressList& list, const std::string& address) { return list.find(box(address)).kind; }

  testing::TempDir dir;
  std::string path = dir.path() / "people";
  testing::FakeClock clock;
  std::vector<Alarm> alarms;
};

TEST_F(AddressListTest, AnswersFromTheFile) {
  write(people(10, "@rule.example\n"));
  AddressList list = make();
  EXPECT_TRUE(list.load_if_changed());
  EXPECT_FALSE(list.load_if_changed());
  EXPECT_EQ(kind(list, "user1@example.org"), Kind::Exists);
  EXPECT_TRUE(list.find(box("user1@example.org")).exact);
  EXPECT_FALSE(list.find(box("user1+x@example.org")).exact);
  EXPECT_FALSE(list.find(box("x@rule.example")).exact);
  EXPECT_EQ(kind(list, "nobody@example.org"), Kind::Absent);
  EXPECT_TRUE(alarms.empty());
  EXPECT_FALSE(list.wrong());
}

TEST_F(AddressListTest, MissingAtStartIsDownAndComesUpWhenItAppears) {
  AddressList list = make();
  EXPECT_EQ(kind(list, "user1@example.org"), Kind::Down);
  EXPECT_FALSE(list.load_if_changed());
  EXPECT_EQ(kind(list, "user1@example.org"), Kind::Down);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_NE(alarms[0].text.find(path), std::string::npos);
  list.load_if_changed();
  EXPECT_EQ(alarms.size(), 1U) << "an alarm is told once";
  write(people(5));
  EXPECT_TRUE(list.load_if_changed());
  EXPECT_EQ(kind(list, "user1@example.org"), Kind::Exists);
  EXPECT_EQ(kind(list, "nobody@example.org"), Kind::Absent);
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_TRUE(alarms[1].over);
}

TEST_F(AddressListTest, WithoutItsCanaryAtStartItIsDown) {
  write("user1@example.org\n");
  AddressList list = make();
  list.load_if_changed();
  EXPECT_EQ(kind(list, "user1@example.org"), Kind::Down);
  EXPECT_EQ(kind(list, "nobody@example.org"), Kind::Down);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_NE(alarms[0].text.find("postmaster@example.org"), std::string::npos);
}

// R8: what a reload may do to the list in use.
TEST_F(AddressListTest, BrokenReloadsKeepTheFormerListForPositives) {
  const std::pair<const char*, std::string> broken[] = {{"empty", ""},
                                                        {"comments only", "# moved to LDAP\n"},
                                                        {"garbage", std::string("\x7f"
                                                                                "ELF\x02\x01\x00\x00 garbage\n",
                                                                                16)},
                                                        {"shrunk by more than a fifth", people(79)},
                                                        {"canary missing", [] {
                                                           std::string text;
                                                           for (int i = 0; i < 100; ++i) {
                                                             text += "user" + std::to_string(i) + "@example.org\n";
                                                           }
                                                           return text;
                                                         }()}};
  for (const auto& [name, text] : broken) {
    SCOPED_TRACE(name);
    alarms.clear();
    write(people(100));
    AddressList list = make();
    ASSERT_TRUE(list.load_if_changed());
    write(text);
    EXPECT_FALSE(list.load_if_changed());
    EXPECT_EQ(list.size(), 100U);
    const SourceAnswer known = list.find(box("user99@example.org"));
    EXPECT_EQ(known.kind, Kind::Exists);
    EXPECT_TRUE(known.stale);
    EXPECT_EQ(kind(list, "nobody@example.org"), Kind::Down) << "a stale list serves positives only";
    ASSERT_EQ(alarms.size(), 1U);
    EXPECT_FALSE(alarms[0].over);
    EXPECT_FALSE(list.load_if_changed());
    EXPECT_EQ(alarms.size(), 1U);
    write(people(101));
    EXPECT_TRUE(list.load_if_changed());
    EXPECT_EQ(kind(list, "nobody@example.org"), Kind::Absent);
    EXPECT_FALSE(list.find(box("user99@example.org")).stale);
    ASSERT_EQ(alarms.size(), 2U);
    EXPECT_TRUE(alarms[1].over);
  }
}

TEST_F(AddressListTest, AFileThatIsGoneKeepsTheListToo) {
  write(people(10));
  AddressList list = make();
  ASSERT_TRUE(list.load_if_changed());
  ASSERT_EQ(std::remove(path.c_str()), 0);
  EXPECT_FALSE(list.load_if_changed());
  EXPECT_EQ(kind(list, "user1@example.org"), Kind::Exists);
  EXPECT_EQ(kind(list, "nobody@example.org"), Kind::Down);
}

TEST_F(AddressListTest, ShrinkingByAFifthIsTakenAndMoreOnlyByTheOperator) {
  write(people(100));
  AddressList list = make();
  ASSERT_TRUE(list.load_if_changed());
  write(people(80));
  EXPECT_TRUE(list.load_if_changed());
  EXPECT_EQ(kind(list, "user99@example.org"), Kind::Absent);
  write(people(10));
  EXPECT_FALSE(list.load_if_changed());
  EXPECT_EQ(list.size(), 80U);
  EXPECT_TRUE(list.accept());
  EXPECT_EQ(list.size(), 10U);
  EXPECT_EQ(kind(list, "user70@example.org"), Kind::Absent);
  EXPECT_TRUE(alarms.back().over);
  write("");
  EXPECT_FALSE(list.accept()) << "the operator's word is for shrinking, not for an empty list";
  EXPECT_EQ(list.size(), 10U);
}

TEST_F(AddressListTest, BadLinesAreToldWithNumberAndTheRestIsUsed) {
  write(people(10, "not an address\n"));
  AddressList list = make();
  EXPECT_TRUE(list.load_if_changed());
  EXPECT_EQ(kind(list, "user9@example.org"), Kind::Exists);
  ASSERT_EQ(list.bad_lines().size(), 1U);
  EXPECT_EQ(list.bad_lines()[0].line, 2U);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_NE(alarms[0].text.find(path + ":2: "), std::string::npos) << alarms[0].text;
  write(people(11));
  EXPECT_TRUE(list.load_if_changed());
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_TRUE(alarms[1].over);
}

TEST_F(AddressListTest, ReportsForTheOperator) {
  write(people(10));
  AddressList list = make();
  ASSERT_TRUE(list.load_if_changed());
  const SourceReport report = list.show(box("user1@example.org"));
  EXPECT_EQ(report.source, "people");
  EXPECT_EQ(report.type, "file");
  EXPECT_EQ(report.answer.kind, Kind::Exists);
  EXPECT_EQ(report.asked_at, clock.wall());
  EXPECT_FALSE(list.forget(box("user1@example.org")));
}

TEST_F(AddressListTest, TheWatcherAcceptsByName) {
  write(people(100));
  const auto list = std::make_shared<AddressList>(
      AddressListOptions{.name = "people", .path = path, .canary = std::nullopt, .rules = {}}, [](const Alarm&) {},
      clock);
  ASSERT_TRUE(list->load_if_changed());
  write(people(5));
  ListWatcher watcher({list}, std::chrono::hours(1));
  EXPECT_FALSE(watcher.accept("others"));
  EXPECT_TRUE(watcher.accept("people"));
  for (int i = 0; i < 500 && list->size() != 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(list->size(), 5U);
}

// Threads look up while the watcher swaps lists: each answer is one of the two lists', whole. (For tsan.)
TEST_F(AddressListTest, ListsAreSwappedWholeUnderLookUps) {
  write("canary@example.org\neven@example.org\nalways@example.org\n");
  const auto list = std::make_shared<AddressList>(
      AddressListOptions{.name = "people", .path = path, .canary = box("canary@example.org"), .rules = {}},
      [](const Alarm&) {}, clock);
  ASSERT_TRUE(list->load_if_changed());
  std::atomic<bool> stop = false;
  std::atomic<bool> wrong = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        wrong = wrong || list->find(box("always@example.org")).kind != Kind::Exists;
        wrong = wrong || list->find(box("nobody@example.org")).kind != Kind::Absent;
        (void)list->find(box("even@example.org"));
        (void)list->show(box("even@example.org"));
      }
    });
  }
  {
    ListWatcher watcher({list}, std::chrono::milliseconds(1));
    for (int i = 0; i < 30; ++i) {
      write(std::string("canary@example.org\nalways@example.org\n") +
            (i % 2 == 0 ? "odd@example.org\n" : "even@example.org\n"));
      watcher.look_now();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    for (int i = 0; i < 500 && list->find(box("even@example.org")).kind != Kind::Exists; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_FALSE(wrong);
  EXPECT_EQ(list->find(box("even@example.org")).kind, Kind::Exists);
  EXPECT_EQ(list->find(box("odd@example.org")).kind, Kind::Absent);
}

}  // namespace
}  // namespace anechoic::recipients
