// SPDX-License-Identifier: Apache-2.0
// Puts a message into the Maildirs of its recipients, durably: when deliver() returns success, file, folder and, where
// they were made, the folders above are synced. On failure nothing of it is left visible.
//
// A file has Return-Path, Delivered-To, our own fields and the message, with LF line ends. Several recipients: all of
// them or none. deliver() blocks (fsync): call it on a worker.
//
// Errors: Exhausted (disk or quota full), Io, Limit (a name too long for the file system).
// Threads: deliver() from any; each call has its Spool to itself.          https://cr.yp.to/proto/maildir.html, RULES
// R6
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "mail/address.h"
#include "outside/maildir/folder.h"
#include "outside/spool/spool.h"

namespace anechoic::maildir {

struct Options {
  std::string directory;
  std::string hostname = "localhost";  // in file names, and the domain of the bare Postmaster
  std::string subaddress{};            // see FolderRules
  bool fold_case = true;
};

struct Envelope {
  mail::ReversePath sender;
  std::vector<mail::ForwardPath> recipients;
};

class Delivery {
 public:
  Delivery(Options options, const Clock& clock);
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Makes the directory, durably. Once, at the start.
  [[nodiscard]] Result<void> prepare();
  // Removes unfinished files that a process which was killed left in tmp/ more than 36 h ago. Blocks.
  void remove_leftovers() const;

  // `prepended`: whole header fields, CRLF-ended. `id`: goes into the file's name.
  [[nodiscard]] Result<void> deliver(const Envelope& envelope, std::string_view prepended, spool::Spool& body,
                                     std::string_view id);
  [[nodiscard]] const Options& options() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::maildir
