// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "outside/mailboxes/mailbox.h"
#include "testing/temp_dir.h"

namespace anechoic::mailboxes {
namespace {

namespace fs = std::filesystem;

const Stop kNever = [] { return false; };

using Tree = std::map<std::string, std::string>;

Tree tree_of(const fs::path& root) {
  Tree tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    std::ostringstream text;
    if (entry.is_regular_file()) text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    tree[fs::relative(entry.path(), root).string()] = entry.is_directory() ? "<folder>" : text.str();
  }
  return tree;
}

void add(const fs::path& file, const std::string& subject) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "Subject: " << subject << "\n\ntext\n";
}

Result<Moved> apply(const fs::path& root, const std::string& into, const Stop& stop = kNever) {
  auto mailbox = open(root.string(), into);
  if (!mailbox) return std::unexpected(mailbox.error());
  if (auto told = (*mailbox)->recover(); !told) return std::unexpected(told.error());
  if (auto begun = (*mailbox)->begin(into, kNever); !begun) return std::unexpected(begun.error());
  auto walked = (*mailbox)->walk([&](const Incoming& incoming) {
    if (incoming.bytes.starts_with("Subject: junk")) EXPECT_TRUE((*mailbox)->mark(incoming.ref));
    return true;
  });
  if (!walked) return std::unexpected(walked.error());
  return (*mailbox)->commit(stop);
}

Result<Undone> undo(const fs::path& root) {
  auto mailbox = open(root.string());
  if (!mailbox) return std::unexpected(mailbox.error());
  return (*mailbox)->undo(kNever);
}

class Maildir : public ::testing::Test {
 protected:
  Maildir() {
    for (const char* folder : {"cur", "new", "tmp", ".Sub/cur", ".Sub/new", ".Sub/tmp"})
      fs::create_directories(root_ / folder);
    add(root_ / "cur/1.M1P1.host,S=20,W=22:2,RSab", "junk one");
    add(root_ / "cur/2.M1P1.host:2,S", "mail two");
    add(root_ / "new/3.M1P1.host,S=5", "junk three");
    add(root_ / "tmp/4.M1P1.host", "junk under way");
    add(root_ / ".Sub/cur/5.M1P1.host:2,", "junk five");
    add(root_ / "dovecot-uidlist", "3 V1 N6");
    before_ = tree_of(root_);
  }
  testing::TempDir folder_;
  fs::path root_ = folder_.path() / "Maildir";
  Tree before_;
};

TEST_F(Maildir, MovesIntoAFolderAndBack) {
  const auto moved = apply(root_, "Backscatter");
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->messages, 3U);
  Tree after = tree_of(root_);
  EXPECT_TRUE(after.contains(".Backscatter/maildirfolder"));
  EXPECT_TRUE(after.contains("tmp/4.M1P1.host"));
  EXPECT_TRUE(after.contains("cur/2.M1P1.host:2,S"));
  EXPECT_TRUE(after.contains("dovecot-uidlist"));
  std::vector<std::string> ends;
  for (const auto& [name, text] : after)
    if (name.starts_with(".Backscatter/cur/")) ends.push_back(name.substr(std::min(name.find(','), name.find(':'))));
  std::ranges::sort(ends);
  EXPECT_EQ(ends, (std::vector<std::string>{",S=20,W=22:2,RS", ",S=5:2,", ":2,"}));

  const auto again = apply(root_, "Backscatter");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->messages, 0U) << "the target is not triaged itself";
  EXPECT_EQ(tree_of(root_), after);

  const auto undone = undo(root_);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 3U);
  EXPECT_EQ(tree_of(root_), before_);
}

TEST_F(Maildir, AStoppedRunIsFinishedByTheNextAndUndoneWhole) {
  int asked = 0;
  const auto moved = apply(root_, "Backscatter", [&] { return ++asked > 1; });
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_TRUE(moved->stopped);
  EXPECT_EQ(moved->messages, 1U);
  const auto rest = apply(root_, "Backscatter");
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->messages, 2U);
  ASSERT_TRUE(undo(root_));
  EXPECT_EQ(tree_of(root_), before_);
}

TEST_F(Maildir, FlagsThatWereSetInTheTargetComeBack) {
  ASSERT_TRUE(apply(root_, "Backscatter"));
  for (const auto& entry : fs::directory_iterator(root_ / ".Backscatter/cur"))
    fs::rename(entry.path(), entry.path().string() + "T");
  add(root_ / ".Backscatter/new/9.host", "of the target");
  const auto undone = undo(root_);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 3U);
  EXPECT_EQ(undone->missing, 0U);
  const Tree after = tree_of(root_);
  for (const char* name : {"cur/1.M1P1.host,S=20,W=22:2,RSTab", "cur/3.M1P1.host,S=5:2,T", ".Sub/cur/5.M1P1.host:2,T",
                           ".Backscatter/new/9.host"})
    EXPECT_TRUE(after.contains(name)) << name;
}

TEST_F(Maildir, WhatOthersRenamedMeanwhileStays) {
  auto mailbox = open(root_.string());
  ASSERT_TRUE(mailbox);
  ASSERT_TRUE((*mailbox)->begin("Backscatter", kNever));
  ASSERT_TRUE((*mailbox)->walk([&](const Incoming& incoming) { return (*mailbox)->mark(incoming.ref).has_value(); }));
  fs::rename(root_ / "new/3.M1P1.host,S=5", root_ / "cur/3.M1P1.host,S=5:2,S");
  const auto moved = (*mailbox)->commit(kNever);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->messages, 3U);
  EXPECT_EQ(moved->gone, 1U);
  EXPECT_TRUE(fs::exists(root_ / "cur/3.M1P1.host,S=5:2,S"));
}

TEST(Folder, MovesMessageFilesAndBack) {
  testing::TempDir folder;
  const fs::path root = folder.path();
  add(root / "a.eml", "junk a");
  add(root / "inner/a.EML", "junk inner a");
  add(root / "b.eml", "mail b");
  add(root / "notes.txt", "junk, but no message");
  const Tree before = tree_of(root);
  const auto moved = apply(root, "aside");
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->messages, 2U);
  EXPECT_TRUE(fs::exists(root / "aside/inner/a.EML"));
  EXPECT_EQ(apply(root, "aside")->messages, 0U);
  const auto undone = undo(root);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 2U);
  EXPECT_EQ(tree_of(root), before);
}

TEST_F(Maildir, UndoWorksFromAnotherWorkingDirectory) {
  const fs::path here = fs::current_path();
  fs::current_path(folder_.path());
  const auto moved = apply(root_, "./aside");
  fs::current_path(here);
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->target, fs::canonical(folder_.path()).string() + "/aside");
  const auto undone = undo(root_);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 3U);
  EXPECT_EQ(tree_of(root_), before_);
}

TEST_F(Maildir, AnAbsentTargetIsNoDeletedMail) {
  const fs::path aside = folder_.path() / "aside";
  ASSERT_TRUE(apply(root_, aside.c_str()));
  fs::rename(aside, folder_.path() / "elsewhere");
  const auto refused = undo(root_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("bring it back"), std::string::npos) << refused.error().detail;
  fs::rename(folder_.path() / "elsewhere", aside);
  ASSERT_TRUE(undo(root_));
  EXPECT_EQ(tree_of(root_), before_);
}

TEST_F(Maildir, ARunThatMovedNothingBlocksNoUndo) {
  ASSERT_TRUE(apply(root_, "Backscatter"));
  add(root_ / "new/7.host", "junk seven");
  const testing::TempDir shared;
  struct stat here{};
  struct stat there{};
  ASSERT_EQ(::stat(root_.c_str(), &here), 0);
  if (::stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev) GTEST_SKIP() << "one file system only";
  const auto refused = apply(root_, "/dev/shm/anechoic-files-test");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("another file system"), std::string::npos) << refused.error().detail;
  EXPECT_FALSE(fs::exists("/dev/shm/anechoic-files-test"));
  EXPECT_FALSE(fs::exists(root_ / "anechoic-triage.2.undo"));
  fs::remove(root_ / "new/7.host");
  ASSERT_TRUE(undo(root_));
  EXPECT_EQ(tree_of(root_), before_);
}

TEST_F(Maildir, ACommitThatFailsBeforeItMovedAnythingLeavesNoUndoFile) {
  auto mailbox = open(root_.string());
  ASSERT_TRUE(mailbox);
  ASSERT_TRUE((*mailbox)->begin("Backscatter", kNever));
  ASSERT_TRUE((*mailbox)->walk([&](const Incoming& incoming) { return (*mailbox)->mark(incoming.ref).has_value(); }));
  add(root_ / ".Backscatter", "a file in its place");
  EXPECT_FALSE((*mailbox)->commit(kNever));
  (*mailbox)->abandon();
  fs::remove(root_ / ".Backscatter");
  EXPECT_EQ(tree_of(root_), before_);
}

TEST_F(Maildir, LinksAreSkippedAndCounted) {
  fs::create_symlink("/etc/passwd", root_ / "cur/8.host:2,");
  fs::create_symlink("nowhere", root_ / "cur/9.host:2,");
  auto mailbox = open(root_.string());
  ASSERT_TRUE(mailbox);
  int messages = 0;
  const auto walked = (*mailbox)->walk([&](const Incoming&) { return ++messages > 0; });
  ASSERT_TRUE(walked) << walked.error().detail;
  EXPECT_EQ(messages, 4);
  EXPECT_EQ((*mailbox)->skipped(), 2U);
}

TEST(Folder, AUsedNameGetsANumber) {
  testing::TempDir folder;
  const fs::path root = folder.path();
  add(root / "1.eml", "junk old");
  add(root / "2.eml", "junk two");
  ASSERT_TRUE(apply(root, "aside"));
  add(root / "1.eml", "junk new");
  add(root / "3.eml", "junk three");
  const auto moved = apply(root, "aside");
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->messages, 2U);
  EXPECT_EQ(tree_of(root).at("aside/1.2.eml"), "Subject: junk new\n\ntext\n");
  add(root / "1.eml", "mail newest");
  const auto undone = undo(root);
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 4U);
  const Tree after = tree_of(root);
  EXPECT_EQ(after.size(), 5U);
  EXPECT_EQ(after.at("1.eml"), "Subject: mail newest\n\ntext\n");
  EXPECT_EQ(after.at("1.2.eml"), "Subject: junk new\n\ntext\n");
  EXPECT_EQ(after.at("1.3.eml"), "Subject: junk old\n\ntext\n");
}

TEST(Folder, ANameThatIsTakenMeanwhileStopsNoOther) {
  testing::TempDir folder;
  const fs::path root = folder.path();
  add(root / "1.eml", "junk one");
  add(root / "2.eml", "junk two");
  fs::create_directory(root / "aside");
  const Tree before = tree_of(root);
  auto mailbox = open(root.string(), "aside");
  ASSERT_TRUE(mailbox);
  ASSERT_TRUE((*mailbox)->begin("aside", kNever));
  ASSERT_TRUE((*mailbox)->walk([&](const Incoming& incoming) { return (*mailbox)->mark(incoming.ref).has_value(); }));
  add(root / "aside/1.eml", "of somebody else");
  const auto moved = (*mailbox)->commit(kNever);
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->messages, 1U);
  EXPECT_EQ(moved->gone, 1U);
  ASSERT_TRUE(undo(root));
  EXPECT_EQ(tree_of(root).at("aside/1.eml"), "Subject: of somebody else\n\ntext\n");
  fs::remove(root / "aside/1.eml");
  EXPECT_EQ(tree_of(root), before);
}

TEST(Open, SaysWhatAPathIs) {
  testing::TempDir folder;
  add(folder.path() / "one", "message");
  std::ofstream(folder.path() / "picture") << "\x89PNG\r\n";
  std::ofstream(folder.path() / "empty");
  std::ofstream(folder.path() / "passwd") << "root:x:0:0:root:/root:/bin/bash\nbin:x:2:2::/bin:/bin/sh\n";
  EXPECT_EQ(open((folder.path() / "passwd").string()).error().code, Errc::Syntax);
  EXPECT_EQ((*open((folder.path() / "one").string()))->format(), Format::File);
  EXPECT_EQ((*open((folder.path() / "empty").string()))->format(), Format::Mbox);
  EXPECT_EQ((*open(folder.path().string()))->format(), Format::Folder);
  EXPECT_EQ(open((folder.path() / "picture").string()).error().code, Errc::Syntax);
  EXPECT_EQ(open((folder.path() / "nothing").string()).error().code, Errc::NotFound);
}

}  // namespace
}  // namespace anechoic::mailboxes
