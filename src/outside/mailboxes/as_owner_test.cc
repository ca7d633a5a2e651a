// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/as_owner.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "outside/mailboxes/mailbox.h"
#include "testing/temp_dir.h"

namespace anechoic::mailboxes {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kUser = 65533;
constexpr uid_t kOther = 65532;

void give(const fs::path& root, uid_t user) {
  ASSERT_EQ(::lchown(root.c_str(), user, user), 0);
  if (!fs::is_directory(fs::symlink_status(root))) return;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    ASSERT_EQ(::lchown(entry.path().c_str(), user, user), 0);
}

// A Maildir of a user, whose undo file is not what this program wrote, and files of root beside it.
class SomebodysMaildir : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    fs::permissions(folder_.path(), fs::perms(0755));
    for (const char* name : {"Maildir/cur", "Maildir/new", "Maildir/tmp", "root/cur"})
      fs::create_directories(folder_.path() / name);
    std::ofstream(victim_) << "of root";
    give(maildir_, kUser);
  }

  void write_undo_file(const std::string& into, const std::string& folder, const std::string& moved_as, uid_t owner) {
    const fs::path file = maildir_ / "anechoic-triage.1.undo";
    std::ofstream(file) << "anechoic-triage 1 maildir\nmailbox " << maildir_.string() << "\ninto " << into << "\nm "
                        << folder << " taken " << moved_as << "\nprepared\ndone\n";
    give(file, owner);
  }

  Result<Undone> undo() {
    const auto owner = AsOwner::of(maildir_.string());
    if (!owner) return std::unexpected(owner.error());
    auto mailbox = open(maildir_.string());
    if (!mailbox) return std::unexpected(mailbox.error());
    if (auto told = (*mailbox)->recover(); !told) return std::unexpected(told.error());
    return (*mailbox)->undo([] { return false; });
  }

  testing::TempDir folder_;
  fs::path maildir_ = folder_.path() / "Maildir";
  fs::path victim_ = folder_.path() / "root/cur/victim";
};

TEST_F(SomebodysMaildir, RootHasTheOwnersRightsAndGetsItsOwnBack) {
  {
    const auto owner = AsOwner::of(maildir_.string());
    ASSERT_TRUE(owner) << owner.error().detail;
    EXPECT_EQ(acting_user(), kUser);
    EXPECT_FALSE(std::ofstream(folder_.path() / "root/new").is_open());
    std::ofstream(maildir_ / "cur/made") << "text";
  }
  EXPECT_EQ(acting_user(), 0U);
  struct stat made{};
  ASSERT_EQ(::stat((maildir_ / "cur/made").c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, kUser);
  EXPECT_EQ(made.st_gid, kUser);
}

// As a copy that root restored.
TEST_F(SomebodysMaildir, MayLieWhereItsOwnerCannotGo) {
  std::ofstream(maildir_ / "cur/1.host:2,S") << "Subject: junk\n\n";
  fs::permissions(folder_.path(), fs::perms(0700));
  {
    const auto owner = AsOwner::of(maildir_.string());
    ASSERT_TRUE(owner) << owner.error().detail;
    auto mailbox = open(maildir_.string(), "B");
    ASSERT_TRUE(mailbox) << mailbox.error().detail;
    ASSERT_TRUE((*mailbox)->begin("B", [] { return false; }));
    ASSERT_TRUE((*mailbox)->walk([&](const Incoming& incoming) { return (*mailbox)->mark(incoming.ref).has_value(); }));
    const auto moved = (*mailbox)->commit([] { return false; });
    ASSERT_TRUE(moved) << moved.error().detail;
    EXPECT_EQ(moved->messages, 1U);
  }
  struct stat target{};
  ASSERT_EQ(::stat((maildir_ / ".B/cur").c_str(), &target), 0);
  EXPECT_EQ(target.st_uid, kUser);
  const auto undone = undo();
  ASSERT_TRUE(undone) << undone.error().detail;
  EXPECT_EQ(undone->messages, 1U);
  EXPECT_TRUE(fs::exists(maildir_ / "cur/1.host:2,S"));
}

TEST_F(SomebodysMaildir, RootsOwnFoldersAreRoots) {
  const auto owner = AsOwner::of((folder_.path() / "root").string());
  ASSERT_TRUE(owner);
  EXPECT_EQ(acting_user(), 0U);
}

TEST_F(SomebodysMaildir, AnUndoFileTakesNothingOfRoots) {
  write_undo_file((folder_.path() / "root").string(), "cur", "victim", kUser);
  EXPECT_FALSE(undo());
  EXPECT_TRUE(fs::exists(victim_));
}

TEST_F(SomebodysMaildir, NorThroughALink) {
  fs::create_directory(maildir_ / ".B");
  fs::create_directory_symlink(folder_.path() / "root/cur", maildir_ / ".B/cur");
  give(maildir_, kUser);
  write_undo_file((maildir_ / ".B").string(), "cur", "victim", kUser);
  EXPECT_FALSE(undo());
  EXPECT_TRUE(fs::exists(victim_));
}

TEST_F(SomebodysMaildir, AnUndoFileReachesNothingBesideTheMailbox) {
  fs::create_directories(maildir_ / ".B/cur");
  std::ofstream(maildir_ / ".B/mine") << "of the user";
  give(maildir_, kUser);
  for (const auto& [folder, moved_as] : {std::pair{"cur", "../mine"}, {"../../cur", "mine"}, {"/cur", "mine"}}) {
    write_undo_file((maildir_ / ".B").string(), folder, moved_as, kUser);
    const auto undone = undo();
    ASSERT_FALSE(undone) << folder << ' ' << moved_as;
    EXPECT_EQ(undone.error().code, Errc::Syntax);
  }
  EXPECT_TRUE(fs::exists(maildir_ / ".B/mine"));
}

TEST_F(SomebodysMaildir, AnUndoFileOfSomebodyElseIsNotBelieved) {
  write_undo_file((maildir_ / ".B").string(), "cur", "mine", kOther);
  const auto undone = undo();
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().code, Errc::Refused);
  EXPECT_TRUE(undone.error().detail.contains("65532")) << undone.error().detail;
}

}  // namespace
}  // namespace anechoic::mailboxes
