// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/mbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "outside/mailboxes/lock.h"
#include "outside/mailboxes/mailbox.h"
#include "outside/mailboxes/mbox_splitter.h"
#include "testing/temp_dir.h"

namespace anechoic::mailboxes {
namespace {

namespace fs = std::filesystem;

const Stop kNever = [] { return false; };

std::string message(const std::string& subject, std::size_t lines = 1) {
  std::string text = "From a@b.test Sun Nov 22 06:15:00 2026\nSubject: " + subject + "\n\n";
  for (std::size_t i = 0; i < lines; ++i) text += "a line of " + subject + "\n>From the text\n";
  return text + "\n";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool is_junk(std::string_view bytes) {
  return bytes.starts_with("Subject: junk");
}

class Mbox : public ::testing::Test {
 protected:
  Mbox() {
    for (int i = 0; i < 40; ++i)
      text_ += message((i % 3 == 0 ? "junk" : "mail") + std::to_string(i), i % 7 == 0 ? 9000 : 2);
    write_file(inbox_, text_);
    ::chmod(inbox_.c_str(), 0640);
  }

  std::unique_ptr<Mailbox> open() {
    auto mailbox = mailboxes::open(inbox_.string());
    EXPECT_TRUE(mailbox) << mailbox.error().detail;
    return std::move(*mailbox);
  }

  static Result<void> mark_junk(Mailbox& mailbox) {
    return mailbox.walk([&](const Incoming& incoming) {
      if (is_junk(incoming.bytes)) EXPECT_TRUE(mailbox.mark(incoming.ref));
      return true;
    });
  }

  Result<Moved> apply(const std::string& into = "aside") {
    const auto mailbox = open();
    if (auto begun = mailbox->begin(into, kNever); !begun) return std::unexpected(begun.error());
    if (auto marked = mark_junk(*mailbox); !marked) return std::unexpected(marked.error());
    return mailbox->commit(kNever);
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
  }

  testing::TempDir folder_;
  fs::path inbox_ = folder_.path() / "inbox";
  fs::path aside_ = folder_.path() / "aside";
  std::string text_;
};

TEST_F(Mbox, MovesAndPutsBackByteForByte) {
  const auto moved = apply();
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->messages, 14U);
  EXPECT_EQ(read_file(inbox_).find("Subject: junk"), std::string::npos);
  EXPECT_EQ(read_file(inbox_).size() + read_file(aside_).size(), text_.size());
  struct stat found{};
  ASSERT_EQ(::stat(inbox_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0640U);
  EXPECT_EQ(files(), (std::vector<std::string>{".inbox.anechoic-triage.1.undo", "aside", "inbox"}));

  const auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 14U);
  EXPECT_TRUE(undone->in_place);
  EXPECT_EQ(read_file(inbox_), text_);
  EXPECT_EQ(files(), (std::vector<std::string>{"inbox"}));
}

TEST_F(Mbox, ApplyingTwiceMovesNothingMore) {
  ASSERT_TRUE(apply());
  const std::string inbox = read_file(inbox_);
  const std::string aside = read_file(aside_);
  const auto again = apply();
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->messages, 0U);
  EXPECT_EQ(read_file(inbox_), inbox);
  EXPECT_EQ(read_file(aside_), aside);
}

TEST_F(Mbox, UndoKeepsWhatIsNewAndTheTargetsOwn) {
  write_file(aside_, "From x Sun Nov 22 06:15:00 2026\nSubject: old\n\nno empty line behind\n");
  const std::string before = read_file(aside_);
  ASSERT_TRUE(apply());
  EXPECT_TRUE(read_file(aside_).starts_with(before + "\nFrom a@b.test"));
  std::ofstream(inbox_, std::ios::app) << message("junk later") << message("mail later");
  ASSERT_TRUE(apply());
  std::ofstream(aside_, std::ios::app) << message("delivered there");
  const auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 15U);
  EXPECT_EQ(read_file(inbox_), text_ + message("junk later") + message("mail later"));
  EXPECT_EQ(read_file(aside_), before + message("delivered there"));
}

TEST_F(Mbox, UndoAfterAMailProgramWroteItsStatus) {
  ASSERT_TRUE(apply());
  std::string aside = read_file(aside_);
  aside.insert(aside.find("\n\n") + 1, "Status: RO\n");
  write_file(aside_, aside);
  auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 14U);
  EXPECT_EQ(undone->missing, 0U);
  EXPECT_TRUE(undone->in_place);
  std::string expected = text_;
  expected.insert(expected.find("\n\n") + 1, "Status: RO\n");
  EXPECT_EQ(read_file(inbox_), expected);
  EXPECT_FALSE(fs::exists(aside_));
}

TEST_F(Mbox, UndoAfterTheMailboxWasChangedPutsThemAtTheEnd) {
  ASSERT_TRUE(apply());
  std::string inbox = read_file(inbox_);
  inbox.insert(inbox.find("\n\n") + 1, "Status: RO\n");
  write_file(inbox_, inbox);
  const std::string aside = read_file(aside_);
  const auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 14U);
  EXPECT_FALSE(undone->in_place);
  EXPECT_EQ(read_file(inbox_), inbox + aside);
}

TEST_F(Mbox, WhatIsDeletedFromTheTargetStaysDeleted) {
  ASSERT_TRUE(apply());
  std::string aside = read_file(aside_);
  const std::string gone = message("junk3", 2);
  ASSERT_NE(aside.find(gone), std::string::npos);
  aside.erase(aside.find(gone), gone.size());
  write_file(aside_, aside);
  const auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 13U);
  EXPECT_EQ(undone->missing, 1U);
  text_.erase(text_.find(gone), gone.size());
  EXPECT_EQ(read_file(inbox_), text_);
}

TEST_F(Mbox, AnAbandonedOrDeniedCommitChangesNothing) {
  for (const bool commit : {false, true}) {
    const auto mailbox = open();
    ASSERT_TRUE(mailbox->begin("aside", kNever));
    ASSERT_TRUE(mark_junk(*mailbox));
    if (commit) {
      EXPECT_FALSE(mailbox->commit([] { return true; }));
    }
    mailbox->abandon();
    EXPECT_EQ(read_file(inbox_), text_);
    EXPECT_EQ(files(), (std::vector<std::string>{"inbox"}));
  }
}

TEST_F(Mbox, MailThatComesMeanwhileStays) {
  const auto mailbox = open();
  ASSERT_TRUE(mailbox->begin("aside", kNever));
  ASSERT_TRUE(mark_junk(*mailbox));
  std::ofstream(inbox_, std::ios::app) << message("junk new");
  const auto moved = mailbox->commit(kNever);
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->messages, 14U);
  EXPECT_TRUE(read_file(inbox_).ends_with(message("junk new")));
  ASSERT_TRUE(open()->undo(kNever));
  EXPECT_EQ(read_file(inbox_), text_ + message("junk new"));
}

TEST_F(Mbox, AChangedMailboxIsJudgedAgain) {
  const auto mailbox = open();
  ASSERT_TRUE(mailbox->begin("aside", kNever));
  ASSERT_TRUE(mark_junk(*mailbox));
  text_[text_.size() / 2] ^= 1;
  {
    std::fstream file(inbox_, std::ios::in | std::ios::out | std::ios::binary);  // in place: the same file
    file << text_;
  }
  const auto moved = mailbox->commit(kNever);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, Errc::Unavailable);
  mailbox->abandon();
  EXPECT_EQ(read_file(inbox_), text_);
  EXPECT_EQ(files(), (std::vector<std::string>{"inbox"}));
}

TEST_F(Mbox, WhatIsWrittenIntoTheReplacedFileIsBroughtBack) {
  const int late = ::open(inbox_.c_str(), O_WRONLY | O_APPEND);
  std::jthread agent([&] {
    struct stat found{};
    while (::fstat(late, &found) == 0 && found.st_nlink > 0) std::this_thread::yield();
    const std::string text = message("late");
    EXPECT_EQ(::write(late, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(late);
  });
  const auto moved = apply();
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->rescued, message("late").size());
  EXPECT_TRUE(read_file(inbox_).ends_with(message("late")));
}

TEST_F(Mbox, UndoBringsBackWhatIsWrittenIntoTheReplacedTarget) {
  ASSERT_TRUE(apply());
  const fs::path aside = folder_.path() / "aside";
  std::ofstream(aside, std::ios::app) << message("of the target");
  const int late = ::open(aside.c_str(), O_WRONLY | O_APPEND);
  std::jthread agent([&] {
    struct stat found{};
    while (::fstat(late, &found) == 0 && found.st_nlink > 0) std::this_thread::yield();
    const std::string text = message("late");
    EXPECT_EQ(::write(late, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(late);
  });
  const auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(read_file(inbox_), text_);
  EXPECT_EQ(read_file(aside), message("of the target") + message("late"));
  EXPECT_FALSE(fs::exists(folder_.path() / ".aside.anechoic-triage.cut"));
}

TEST_F(Mbox, WhatCannotBeBroughtBackIsPutBesideIt) {
  const int late = ::open(inbox_.c_str(), O_WRONLY | O_APPEND);
  std::jthread agent([&] {
    struct stat found{};
    while (::fstat(late, &found) == 0 && found.st_nlink > 0) std::this_thread::yield();
    while (fs::exists(inbox_.string() + ".lock")) std::this_thread::yield();
    write_file(inbox_.string() + ".lock", "");
    const std::string text = message("late");
    EXPECT_EQ(::write(late, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(late);
  });
  auto locked = LockedMbox::open(inbox_.string(), {});
  ASSERT_TRUE(locked);
  const std::string path = (folder_.path() / "new").string();
  const auto file = open_file(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  ASSERT_TRUE(file);
  Copier aside{.to = file->get()};
  ASSERT_TRUE(aside.copy(locked->fd(), 0, text_.size()));
  const auto replaced =
      replace_mailbox(inbox_.string(), std::move(*locked), text_.size(), aside, path, std::chrono::seconds(0));
  ASSERT_FALSE(replaced);
  EXPECT_NE(replaced.error().detail.find(".anechoic-rescued.1"), std::string::npos) << replaced.error().detail;
  EXPECT_EQ(read_file(inbox_), text_);
  EXPECT_EQ(read_file(inbox_.string() + ".anechoic-rescued.1"), message("late"));
}

// A "From " line that is one only behind an empty line.
std::string weak(const std::string& subject, const std::string& end) {
  return "From a@b.test Nov 22 06:15:00 2026\nSubject: " + subject + "\n\ntext" + end;
}

TEST_F(Mbox, WhatStaysIsAsManyMessagesAsBefore) {
  const std::string strong = message("x").substr(0, message("x").find('\n') + 1);
  for (const std::string line : {"\n", "\r\n"}) {
    text_ = weak("mail 0", "\n\n") + strong + "Subject: mail 1\n\nno empty line behind\n" + strong +
            "Subject: junk 2\n\ntext\n\n" + weak("junk 3", line + line) + weak("mail 4", line + line) +
            weak("mail 5", "\n") + strong + "Subject: junk 6\n\ntext\n\n" + weak("mail 7", "");
    write_file(inbox_, text_);
    ASSERT_TRUE(apply());
    std::vector<std::string> subjects;
    ASSERT_TRUE(open()->walk([&](const Incoming& incoming) {
      subjects.emplace_back(incoming.bytes.substr(0, incoming.bytes.find('\n')));
      return true;
    }));
    EXPECT_EQ(subjects, (std::vector<std::string>{"Subject: mail 0", "Subject: mail 1", "Subject: mail 4",
                                                  "Subject: mail 5", "Subject: mail 7"}));
    ASSERT_TRUE(open()->undo(kNever));
    EXPECT_EQ(read_file(inbox_), text_);
  }
}

TEST_F(Mbox, TwoMailboxesShareATarget) {
  fs::path other = folder_.path() / "other";
  const std::string strong = message("x").substr(0, message("x").find('\n') + 1);
  text_ = message("mail") + strong + "Subject: junk 1\n\nno end";
  const std::string others = strong + "Subject: junk 1\nStatus: RO\n\nno end\n" + message("mail") + strong +
                             "Subject: junk 2\n\nno empty line\n" + message("junk 3") + strong +
                             "Subject: junk 4\n\nno end";
  write_file(inbox_, text_);
  write_file(other, others);
  ASSERT_TRUE(apply());
  std::swap(inbox_, other);
  ASSERT_TRUE(apply());
  std::swap(inbox_, other);
  ASSERT_TRUE(open()->undo(kNever));
  EXPECT_EQ(read_file(inbox_), text_);
  const auto undone = (*mailboxes::open(other.string()))->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->missing, 0U);
  EXPECT_EQ(read_file(other), others);
}

TEST_F(Mbox, LocksOfOthersAreRespected) {
  write_file(inbox_.string() + ".lock", "");
  auto locked = LockedMbox::open(inbox_.string(), {.patience = std::chrono::seconds(0)});
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, Errc::Timeout);
  const struct timespec old[2] = {{0, UTIME_OMIT}, {::time(nullptr) - 400, 0}};
  ::utimensat(AT_FDCWD, (inbox_.string() + ".lock").c_str(), old, 0);
  EXPECT_TRUE(LockedMbox::open(inbox_.string(), {.patience = std::chrono::seconds(0)})) << "older than five minutes";
  EXPECT_FALSE(fs::exists(inbox_.string() + ".lock"));

  write_file(inbox_.string() + ".lock", "1\nanechoic\n");
  EXPECT_FALSE(LockedMbox::open(inbox_.string(), {.patience = std::chrono::seconds(0)})) << "process 1 lives";
  ::utimensat(AT_FDCWD, (inbox_.string() + ".lock").c_str(), old, 0);
  EXPECT_TRUE(LockedMbox::open(inbox_.string(), {.patience = std::chrono::seconds(0)})) << "but is none of ours";
  write_file(inbox_.string() + ".lock", "999999999\nanechoic\n");
  EXPECT_TRUE(LockedMbox::open(inbox_.string(), {.patience = std::chrono::seconds(0)})) << "its writer is dead";

  const int other = ::open(inbox_.c_str(), O_RDWR);
  struct flock kernel{};
  kernel.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(other, F_OFD_SETLK, &kernel), 0);
  EXPECT_FALSE(LockedMbox::open(inbox_.string(), {.patience = std::chrono::seconds(0)}));
  EXPECT_FALSE(fs::exists(inbox_.string() + ".lock")) << "no lock is kept while it waits for the other";
  ::close(other);

  const auto first = open();
  ASSERT_TRUE(first->begin("aside", kNever));
  const auto second = open()->begin("aside", kNever);
  ASSERT_FALSE(second) << "one run at a time";
  first->abandon();
}

TEST_F(Mbox, UnsafePlacesAreRefused) {
  fs::create_hard_link(inbox_, folder_.path() / "second");
  EXPECT_FALSE(apply());
  fs::remove(folder_.path() / "second");
  fs::create_symlink("/etc/passwd", aside_);
  EXPECT_FALSE(apply());
  fs::remove(aside_);
  fs::create_directory(aside_);
  EXPECT_FALSE(open()->begin("aside", kNever));
  EXPECT_FALSE(open()->begin("inbox", kNever));
  EXPECT_FALSE(open()->begin("/nowhere/at/all", kNever));
  EXPECT_EQ(read_file(inbox_), text_);
}

TEST_F(Mbox, UndoWorksFromAnotherWorkingDirectory) {
  const fs::path here = fs::current_path();
  fs::current_path(folder_.path());
  const auto moved = apply("./aside");
  fs::current_path(here);
  ASSERT_TRUE(moved) << moved.error().detail;
  ASSERT_TRUE(open()->undo(kNever));
  EXPECT_EQ(read_file(inbox_), text_);
  EXPECT_EQ(files(), (std::vector<std::string>{"inbox"}));
}

TEST_F(Mbox, AnAbsentTargetIsNoDeletedMail) {
  ASSERT_TRUE(apply());
  const std::string inbox = read_file(inbox_);
  fs::rename(aside_, folder_.path() / "elsewhere");
  const auto refused = open()->undo(kNever);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("bring it back"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(read_file(inbox_), inbox);
  fs::rename(folder_.path() / "elsewhere", aside_);
  ASSERT_TRUE(open()->undo(kNever));
  EXPECT_EQ(read_file(inbox_), text_);
}

TEST_F(Mbox, OneThatAProgramRemovedIsAskedFor) {
  ASSERT_TRUE(apply());
  fs::rename(inbox_, folder_.path() / "elsewhere");
  const auto opened = mailboxes::open(inbox_.string());
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().detail.contains("touch")) << opened.error().detail;
  write_file(inbox_, "");
  const auto undone = open()->undo(kNever);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 14U);
}

TEST_F(Mbox, OnlyAnMboxIsATarget) {
  write_file(folder_.path() / "thesis.txt", "Chapter 1\n");
  EXPECT_FALSE(apply("thesis.txt"));
  EXPECT_FALSE(apply("new.mbox.GZ"));
  EXPECT_FALSE(apply((folder_.path() / "." / "inbox").string()));
  EXPECT_EQ(read_file(folder_.path() / "thesis.txt"), "Chapter 1\n");
  EXPECT_EQ(files(), (std::vector<std::string>{"inbox", "thesis.txt"}));
  write_file(aside_, "");
  EXPECT_TRUE(apply());
}

TEST_F(Mbox, ReadsGzipAndRefusesToChangeIt) {
  const std::string path = inbox_.string() + ".gz";
  gzFile file = ::gzopen(path.c_str(), "wb");
  ::gzwrite(file, text_.data(), static_cast<unsigned>(text_.size()));
  ::gzclose(file);
  auto mailbox = mailboxes::open(path);
  ASSERT_TRUE(mailbox);
  EXPECT_EQ((*mailbox)->format(), Format::MboxGzip);
  int messages = 0;
  ASSERT_TRUE((*mailbox)->walk([&](const Incoming&) { return ++messages > 0; }));
  EXPECT_EQ(messages, 40);
  EXPECT_EQ((*mailbox)->begin("aside", kNever).error().code, Errc::Refused);
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_FALSE((*mailbox)->walk([](const Incoming&) { return true; })) << "cut off";
}

TEST(MboxSplitter, FromLines) {
  struct Case {
    std::string_view line;
    bool after_empty;
    bool in_text;
  };
  for (const auto& [line, after_empty, in_text] :
       std::initializer_list<Case>{{"From alice@example.org Sun Nov 22 06:15:00 2026", true, true},
                                   {"From MAILER-DAEMON Sun Nov  2 6:15:00 2026", true, true},
                                   {"From - Sat Jan 01 00:00:00 2005", true, true},
                                   {"From ???@??? Mon Jan 01 00:00:00 1997", true, true},
                                   {"From a b@c Thu Jan  1 00:00:00 +0000 1970\r", true, true},
                                   {"From x@y Mon, 12 Jan 2004 10:00:00 +0000", true, false},
                                   {"From what I saw in Nov at 10:30 of 2004", true, false},
                                   {"From what I saw at 10:30 in 2004", false, false},
                                   {"From alice@example.org", false, false},
                                   {">From alice@example.org Sun Nov 22 06:15:00 2026", false, false},
                                   {"From", false, false},
                                   {"", false, false}}) {
    EXPECT_EQ(is_from_line(line, true), after_empty) << line;
    EXPECT_EQ(is_from_line(line, false), in_text) << line;
  }
}

TEST(MboxSplitter, BoundsTheHead) {
  std::vector<std::size_t> heads;
  MboxSplitter splitter(
      [&](const MboxSplitter::Message& found) {
        heads.push_back(found.head.size());
        return true;
      },
      100);
  splitter.feed(message("long", 5000) + message("short", 0));
  splitter.finish();
  EXPECT_EQ(heads, (std::vector<std::size_t>{100, 17}));
}

}  // namespace
}  // namespace anechoic::mailboxes
