// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/as_owner.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "outside/mailboxes/file.h"

namespace anechoic::mailboxes {
namespace {

constexpr int kMostGroups = 1024;

// The call has no error of its own; a number that nobody has only asks.
uid_t user_now() {
  return static_cast<uid_t>(::setfsuid(static_cast<uid_t>(-1)));
}
gid_t group_now() {
  return static_cast<gid_t>(::setfsgid(static_cast<gid_t>(-1)));
}

std::vector<gid_t> groups_of(uid_t user, gid_t group) {
  struct passwd entry{};
  struct passwd* found = nullptr;
  std::vector<char> text(64 * 1024);
  if (::getpwuid_r(user, &entry, text.data(), text.size(), &found) != 0 || found == nullptr) return {group};
  std::vector<gid_t> groups(kMostGroups);
  int count = kMostGroups;
  if (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) return {group};
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

// Reading and walking through folders stay root's, as far as it has that: a copy of somebody's mail may lie where he
// can't go. What is changed is changed with his rights alone.
void keep_reading() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> held{};
  if (::syscall(SYS_capget, &header, held.data()) != 0) return;
  held[0].effective |= held[0].permitted & (1U << static_cast<unsigned>(CAP_DAC_READ_SEARCH));
  ::syscall(SYS_capset, &header, held.data());
}

}  // namespace

uid_t acting_user() {
  return user_now();
}

Result<AsOwner> AsOwner::of(const std::string& path) {
  AsOwner owner;
  if (::geteuid() != 0 || user_now() != 0) return owner;
  struct stat mailbox{};
  struct stat folder{};
  if (::stat(path.c_str(), &mailbox) != 0)
    return errno == ENOENT ? fail(Errc::NotFound, "there is no mailbox " + path) : fail_errno(path, errno);
  const std::string place = S_ISDIR(mailbox.st_mode) ? path : folder_of(canonical(path));
  if (::stat(place.c_str(), &folder) != 0) return fail_errno(place, errno);
  if (folder.st_uid == 0) return owner;
  Rights before{.user = 0, .group = group_now(), .groups = std::vector<gid_t>(kMostGroups)};
  const int count = ::getgroups(kMostGroups, before.groups.data());
  if (count < 0) return fail_errno("reading the groups", errno);
  before.groups.resize(static_cast<std::size_t>(count));
  // The mailbox's group: its new file shall have it.
  const std::vector<gid_t> groups = groups_of(folder.st_uid, mailbox.st_gid);
  if (::setgroups(groups.size(), groups.data()) != 0)
    return fail(Errc::Refused, "the rights of the owner of " + place + " can't be taken; run this as that user");
  owner.before_ = std::move(before);
  ::setfsgid(mailbox.st_gid);
  ::setfsuid(folder.st_uid);
  if (user_now() != folder.st_uid || group_now() != mailbox.st_gid)
    return fail(Errc::Refused, "the rights of the owner of " + place + " can't be taken; run this as that user");
  keep_reading();
  return owner;
}

AsOwner::~AsOwner() {
  if (!before_) return;
  ::setfsuid(before_->user);
  ::setfsgid(before_->group);
  // Without its own groups back the program has fewer rights than it began with, never more.
  if (::setgroups(before_->groups.size(), before_->groups.data()) != 0) return;
}

}  // namespace anechoic::mailboxes
