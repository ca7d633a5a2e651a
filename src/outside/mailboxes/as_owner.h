// SPDX-License-Identifier: Apache-2.0
// Root works in a user's folder with that user's rights.
//
// While it lives, files are opened for writing, made, renamed and removed with the user, group and groups of who owns
// the folder that the mailbox at `path` lies in (a Maildir or folder of files: that folder itself). Else what he put
// there, as a link or an undo file that names somebody else's files, would be done with root's rights. Reading stays
// root's. Nothing changes for anybody but root, nor in root's own folders (/var/mail).
// Errors: Refused where the rights can't be taken.   Threads: it changes the calling thread's rights and the process's
// groups; one at a time.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace anechoic::mailboxes {

class AsOwner {
 public:
  [[nodiscard]] static Result<AsOwner> of(const std::string& path);
  AsOwner(AsOwner&& other) noexcept : before_(std::exchange(other.before_, std::nullopt)) {}
  AsOwner& operator=(AsOwner&&) = delete;
  ~AsOwner();

 private:
  struct Rights {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
  };
  AsOwner() = default;
  std::optional<Rights> before_;  // nothing: nothing was changed
};

// Whose rights this thread's accesses to files have.
[[nodiscard]] uid_t acting_user();

}  // namespace anechoic::mailboxes
