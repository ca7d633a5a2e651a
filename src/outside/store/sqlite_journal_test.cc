// SPDX-License-Identifier: Apache-2.0
#include "outside/store/sqlite_journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "judge/verdict/reasons.h"
#include "observe/log.h"
#include "outside/store/database.h"
#include "outside/store/journal_files.h"
#include "outside/store/journal_reader.h"

namespace anechoic::store {
namespace {

namespace fs = std::filesystem;
namespace reasons = judge::reasons;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    std::string name = (fs::temp_directory_path() / "anechoic-journal-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    options_.directory = (root_ / "journal").string();
    options_.start_id = "startstartsta000";
  }
  ~JournalTest() override { fs::remove_all(root_); }

  std::unique_ptr<SqliteJournal> open() {
    auto opened = SqliteJournal::open(options_, clock_, log_);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
  }
  std::vector<StoredRow> list(const JournalFilter& filter = {}) {
    auto reader = JournalReader::open(options_.directory);
    if (!reader) return {};
    auto rows = reader->list(filter);
    EXPECT_TRUE(rows) << rows.error().detail;
    return rows ? *rows : std::vector<StoredRow>{};
  }
  bool logged(std::string_view event) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::any_of(lines_, [&](const auto& line) { return line.find(event) != std::string::npos; });
  }

  fs::path root_;
  JournalOptions options_;
  SystemClock clock_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  observe::Log log_{observe::LogFormat::Text, observe::Level::Debug, clock_, [this](std::string_view line) {
                      const std::scoped_lock lock(mutex_);
                      lines_.emplace_back(line);
                    }};
};

std::string id_of(int number) {
  std::string id = std::to_string(number);
  return std::string(13 - id.size(), 'a') + id + "aab";
}

inspect::JournalRow row_of(int number) {
  inspect::JournalRow row;
  row.id = id_of(number);
  row.at = WallTime{std::chrono::seconds{1'790'000'000 + number}};
  row.took = std::chrono::milliseconds{12};
  row.client = {ip::Address::v4({192, 0, 2, static_cast<std::uint8_t>(number % 250)}), 25252};
  row.client_name = "client.example";
  row.helo = "helo.example";
  row.tls = true;
  row.reverse_path = "<sender" + std::to_string(number) + "@Example.NET>";
  row.recipients = {{"known@example.org", "250 2.1.5 OK", reasons::kBackend, true},
                    {"Gone\"\xff@example.org", "550 5.1.1 no", reasons::kUnknownRecipient, false}};
  row.accepted = 1;
  row.refused = 81;
  row.refused_by_reason[reasons::kUnknownRecipient] = 80;
  row.refused_by_reason[reasons::kRecipientRate] = 1;
  row.action = number % 2 == 0 ? judge::Action::Accept : judge::Action::Defer;
  row.reasons = {{reasons::kClean, ""}, {reasons::kBackend, "said\n\"yes\""}};
  row.reply = "250 2.0.0 OK";
  row.backend = "smtp://127.0.0.1:10025";
  row.message_id = "<1@example.net>";
  row.octets = 4096;
  row.in_doubt = number % 3 == 0;
  row.failovers = 2;
  row.relayed_client = "198.51.100.20";
  return row;
}

TEST_F(JournalTest, ARowIsReadBackAsItWasWritten) {
  auto journal = open();
  journal->append(row_of(3));
  journal->flush();
  auto reader = JournalReader::open(options_.directory);
  ASSERT_TRUE(reader);
  const auto found = reader->find(id_of(3));
  ASSERT_TRUE(found && *found);
  const StoredRow& row = **found;
  const inspect::JournalRow written = row_of(3);
  EXPECT_EQ(row.at, written.at);
  EXPECT_EQ(row.took, written.took);
  EXPECT_EQ(row.door, "gateway");
  EXPECT_EQ(row.client, "192.0.2.3");
  EXPECT_EQ(row.port, 25252);
  EXPECT_EQ(row.client_name, written.client_name);
  EXPECT_EQ(row.helo, written.helo);
  EXPECT_TRUE(row.tls);
  EXPECT_EQ(row.reverse_path, written.reverse_path);
  ASSERT_EQ(row.recipients.size(), 2U);
  EXPECT_EQ(row.recipients[0], (StoredRecipient{"known@example.org", "250 2.1.5 OK", "backend", true}));
  EXPECT_EQ(row.recipients[1].address, "Gone\"\xef\xbf\xbd@example.org");  // invalid UTF-8 is replaced
  EXPECT_EQ(row.accepted, 1U);
  EXPECT_EQ(row.refused, 81U);
  EXPECT_EQ(row.refused_by_reason.at("unknown-recipient"), 80U);
  EXPECT_EQ(row.action, "defer");
  EXPECT_EQ(row.reasons, (std::vector<StoredReason>{{"clean", ""}, {"backend", "said\n\"yes\""}}));
  EXPECT_EQ(row.reply, written.reply);
  EXPECT_EQ(row.backend, written.backend);
  EXPECT_EQ(row.message_id, written.message_id);
  EXPECT_EQ(row.octets, 4096U);
  EXPECT_TRUE(row.in_doubt);
  EXPECT_EQ(row.failovers, 2U);
  EXPECT_EQ(row.relayed_client, "198.51.100.20");
  const auto missing = reader->find(id_of(4));
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
}

TEST_F(JournalTest, FiltersWhileTheDaemonWrites) {
  auto journal = open();
  for (int i = 0; i < 20; ++i) journal->append(row_of(i));
  inspect::JournalRow bounce = row_of(20);
  bounce.reverse_path = "<>";
  journal->append(bounce);
  journal->flush();
  const auto count = [&](const auto& set) {
    JournalFilter filter;
    set(filter);
    return list(filter).size();
  };
  EXPECT_EQ(count([](JournalFilter&) {}), 21U);
  EXPECT_EQ(count([](JournalFilter& f) { f.limit = 5; }), 5U);
  EXPECT_EQ(count([](JournalFilter& f) { f.since = WallTime{std::chrono::seconds{1'790'000'015}}; }), 6U);
  EXPECT_EQ(count([](JournalFilter& f) { f.until = WallTime{std::chrono::seconds{1'790'000'015}}; }), 15U);
  EXPECT_EQ(count([](JournalFilter& f) { f.client = ip::parse_network("192.0.2.8/29").value(); }), 8U);
  EXPECT_EQ(count([](JournalFilter& f) { f.sender = "<>"; }), 1U);
  EXPECT_EQ(count([](JournalFilter& f) { f.sender = "SENDER1@"; }), 1U);
  EXPECT_EQ(count([](JournalFilter& f) { f.sender = "sender_@"; }), 0U);
  EXPECT_EQ(count([](JournalFilter& f) { f.recipient = "KNOWN@example.org"; }), 21U);
  EXPECT_EQ(count([](JournalFilter& f) { f.recipient = "gone\""; }), 21U);
  EXPECT_EQ(count([](JournalFilter& f) { f.recipient = "clean"; }), 0U);
  EXPECT_EQ(count([](JournalFilter& f) { f.action = "accept"; }), 11U);
  EXPECT_EQ(count([](JournalFilter& f) { f.reason = "recipient-rate"; }), 21U);
  EXPECT_EQ(count([](JournalFilter& f) { f.reason = "recipient"; }), 0U);
  EXPECT_EQ(list().front().reverse_path, "<>");  // the latest first
}

TEST_F(JournalTest, FindsTheRowsOfASession) {
  auto journal = open();
  for (const char* id : {"sessionaaaaaaaab", "sessionaaaaaaaac", "sessionbaaaaaaab"}) {
    inspect::JournalRow row = row_of(1);
    row.id = id;
    journal->append(row);
  }
  journal->flush();
  auto rows = JournalReader::open(options_.directory)->find_session("sessionaaaaaaaac");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].id, "sessionaaaaaaaab");
}

TEST_F(JournalTest, StaysWithinItsSize) {
  options_.size = 1 << 20;
  auto journal = open();
  std::uint64_t most = 0;
  for (int i = 0; i < 8000; ++i) {
    journal->append(row_of(i));
    if (i % 500 == 0) {
      journal->flush();
      std::uint64_t folder = 0;
      for (const Partition& partition : list_partitions(options_.directory).value()) folder += partition.octets();
      most = std::max(most, folder);
    }
  }
  journal->flush();
  EXPECT_EQ(journal->stats().written, 8000U);
  EXPECT_LE(most, options_.size + options_.size / 4);  // the last commits, before the next look
  EXPECT_GT(journal->stats().partitions, 3U);
  const auto rows = list({.limit = 100'000});
  EXPECT_GT(rows.size(), 300U);
  EXPECT_LT(rows.size(), 8000U);
  EXPECT_EQ(rows.front().id, id_of(7999));
}

TEST_F(JournalTest, AStopInOrderLeavesNoMarkerAndReadableFiles) {
  {
    auto journal = open();
    journal->append(row_of(1));
  }
  EXPECT_EQ(list().size(), 1U);
  for (const auto& entry : fs::directory_iterator(options_.directory)) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name == "lock" || name.ends_with(".sqlite")) << name;
  }
  auto again = open();
  EXPECT_FALSE(again->unclean_stop());
  again->append(row_of(2));
  again->flush();
  EXPECT_EQ(list().size(), 2U);
}

TEST_F(JournalTest, AKilledDaemonIsTold) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto opened = SqliteJournal::open(options_, clock_, log_);
    for (int i = 0; i < 100; ++i) (*opened)->append(row_of(i));
    (*opened)->flush();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const WallTime before = clock_.wall();
  auto journal = open();
  ASSERT_TRUE(journal->unclean_stop());
  EXPECT_LE(journal->unclean_stop()->last_heartbeat, before);
  EXPECT_GE(journal->unclean_stop()->started, before);
  journal->flush();
  const auto rows = list({.reason = "unclean-stop"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].id, options_.start_id);
  EXPECT_EQ(rows[0].at, journal->unclean_stop()->last_heartbeat);
  EXPECT_EQ(rows[0].at + rows[0].took, journal->unclean_stop()->started);
  EXPECT_EQ(list({.limit = 1000}).size(), 101U);
  journal.reset();
  EXPECT_FALSE(open()->unclean_stop());
}

TEST_F(JournalTest, ADaemonThatDiesAtOnceTellsOfTheOneBefore) {
  options_.commit_every = std::chrono::hours{1};
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto opened = SqliteJournal::open(options_, clock_, log_);
      ::kill(::getpid(), SIGKILL);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
  auto journal = open();
  const auto rows = list(JournalFilter{.reason = "unclean-stop"});
  ASSERT_EQ(rows.size(), 3U);
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_GE(rows[i - 1].at, rows[i].at + rows[i].took);
}

TEST_F(JournalTest, TheMarkerMovesWithTheNewestPartition) {
  options_.size = 1 << 20;
  const pid_t child = ::fork();
  if (child == 0) {
    auto opened = SqliteJournal::open(options_, clock_, log_);
    for (int i = 0; i < 3000; ++i) {
      (*opened)->append(row_of(i));
      if (i % 100 == 0) (*opened)->flush();
    }
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(open()->unclean_stop());
  EXPECT_FALSE(open()->unclean_stop());
}

TEST_F(JournalTest, OnlyOneDaemonAFolder) {
  auto journal = open();
  const auto second = SqliteJournal::open(options_, clock_, log_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::Refused);
}

TEST_F(JournalTest, ACorruptFileIsSetAsideAtTheStart) {
  {
    auto journal = open();
    journal->append(row_of(1));
  }
  const std::string path = list_partitions(options_.directory)->back().path;
  std::ofstream(path, std::ios::trunc) << std::string(8192, 'x');
  auto journal = open();
  ASSERT_TRUE(journal);
  journal->append(row_of(2));
  journal->flush();
  EXPECT_EQ(list().size(), 1U);
  EXPECT_TRUE(fs::exists(path + ".corrupt-1"));
  EXPECT_TRUE(logged("journal-corrupt"));
}

TEST_F(JournalTest, ACorruptFileIsSetAsideWhileWriting) {
  auto journal = open();
  for (int i = 0; i < 1000; ++i) journal->append(row_of(i));
  journal->flush();
  const std::string path = list_partitions(options_.directory)->back().path;
  // A change by another connection makes the writer read again what it has in its cache.
  ASSERT_TRUE(Database::open(path)->execute("PRAGMA user_version=1"));
  for (const char* file : {"", "-wal"}) {
    // Every page after the first.
    std::error_code missing;
    const auto size = fs::file_size(path + file, missing);
    if (missing) continue;
    std::fstream stream(path + file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(4096);
    stream << std::string(size > 4096 ? size - 4096 : 0, '\xee');
  }
  for (int i = 0; i < 5000 && !logged("journal-corrupt"); ++i) {
    journal->append(row_of(10'000 + i));
    if (i % 200 == 0) journal->flush();
  }
  journal->append(row_of(50'000));
  journal->flush();
  EXPECT_TRUE(logged("journal-corrupt"));
  auto reader = JournalReader::open(options_.directory);
  const auto found = reader->find(id_of(50'000));
  EXPECT_TRUE(found && *found);
}

TEST_F(JournalTest, AFullDiskDropsRowsAndCountsThem) {
  auto journal = open();
  journal->append(row_of(1));
  journal->flush();
  auto* const before_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 0; i < 2000; ++i) journal->append(row_of(100 + i));
  journal->flush();
  EXPECT_TRUE(journal->stats().failing);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, before_signal);
  EXPECT_EQ(journal->stats().dropped, 2000U);
  journal->append(row_of(2));
  journal->flush();
  EXPECT_FALSE(journal->stats().failing);
  EXPECT_TRUE(logged("journal-failing"));
  EXPECT_TRUE(logged("journal-recovered"));
  auto reader = JournalReader::open(options_.directory);
  EXPECT_TRUE(reader->find(id_of(1)).value().has_value());
  EXPECT_TRUE(reader->find(id_of(2)).value().has_value());
  const JournalStats stats = journal->stats();
  EXPECT_EQ(stats.written + stats.dropped, 2002U);
}

TEST_F(JournalTest, AFullQueueDropsRowsAndCountsThem) {
  options_.queued_rows = 10;
  options_.commit_every = std::chrono::hours{1};
  auto journal = open();
  for (int i = 0; i < 100; ++i) journal->append(row_of(i));
  EXPECT_GE(journal->stats().dropped, 80U);
  journal->flush();
  EXPECT_EQ(journal->stats().written + journal->stats().dropped, 100U);
}

TEST_F(JournalTest, ManyThreadsAppend) {
  auto journal = open();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) journal->append(row_of(t * 1000 + i));
    });
  }
  threads.clear();
  journal->flush();
  EXPECT_EQ(list({.limit = 10'000}).size(), 2000U);
}

TEST_F(JournalTest, NoJournalIsSaidInWords) {
  const auto reader = JournalReader::open(options_.directory);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, Errc::NotFound);
}

}  // namespace
}  // namespace anechoic::store
