// SPDX-License-Identifier: Apache-2.0
// Takes a message as it comes: keeps its header block, tells DKIM and ARC of it, and streams the body once through the
// digests that their signatures want.
//
// Bounds: limits::kHeaderBytes and HeaderBlock's. A header beyond them can't be checked: its signatures are PermError,
// its chain Fail, with that reason.   Lifetime: outlives the Tasks it returns.   Threads: none; one owner.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/arc/verify.h"
#include "auth/dkim/verify.h"
#include "mail/header_block.h"

namespace anechoic::auth {

class MessageReader {
 public:
  MessageReader(dkim::VerifyOptions dkim, arc::VerifyOptions arc);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  void feed(std::string_view bytes);  // CRLF; any pieces
  void finish();

  // After finish().
  [[nodiscard]] const mail::HeaderBlock& header() const { return header_; }
  [[nodiscard]] Task<std::vector<dkim::Outcome>> dkim(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) const;
  [[nodiscard]] Task<arc::Outcome> arc(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) const;

 private:
  void feed_header(std::string_view piece);
  void end_header();

  dkim::VerifyOptions dkim_options_;
  arc::VerifyOptions arc_options_;
  std::string bytes_;  // the header block, and what came with its end; not moved once it is complete
  bool complete_ = false;
  bool too_large_ = false;
  mail::HeaderBlock header_;
  dkim::BodyDigests digests_;
  std::unique_ptr<dkim::Verification> dkim_;
  std::unique_ptr<arc::Verification> arc_;
};

}  // namespace anechoic::auth
