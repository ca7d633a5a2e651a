// SPDX-License-Identifier: Apache-2.0
// What was found out of one automatic message's origin, as plain values: the input of weigh() and act(). Guards look
// tags, signatures and the ledger up; nothing here does. Every default is "not asked" or the cautious answer.
//
// "Addressee" is the recipient of the message, with his tag removed, as the backend knows him.   Threads: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "judge/kind/classify.h"

namespace anechoic::judge::origin {

// The tag of the recipient's address (BATV).
enum class Tag : std::uint8_t {
  NotAsked,    // we do not tag for this domain
  None,        // we do, and it has none
  Good,        //
  Expired,     // the MAC is good, the day outside the lifetime
  BadMac,      //
  UnknownKey,  // of a key that is not in the ring
  Foreign,     // the form of another system
};

// Signatures of domains of ours in the returned header. Verified: at least one; the times are that one's.
enum class Dkim : std::uint8_t { NotAsked, Absent, Failed, Unavailable, Verified };
struct OwnDkim {
  Dkim state = Dkim::NotAsked;
  std::optional<WallTime> signed_at{};  // t=
  std::optional<WallTime> expires{};    // x=
  std::optional<WallTime> date{};       // Date, if it is signed
  bool to_author = false;               // the addressee is the From that it signs
};

// Our watermark in the returned header.
enum class Watermark : std::uint8_t { NotAsked, Absent, Good, Expired, Bad, UnknownKey };
struct OwnWatermark {
  Watermark state = Watermark::NotAsked;
  bool to_author = false;  // the addressee is the From that it covers
};

// The ledger of what we sent. Inside or outside of coverage: measures.h has absence().
enum class Ledger : std::uint8_t { NotAsked, Unavailable, Found, AbsentInside, AbsentOutside };
struct SentLedger {
  Ledger state = Ledger::NotAsked;
  bool to_sender = false;          // Found: the addressee is the reverse-path that it left with
  bool left_tagged = false;        // Found: it left with a tag
  bool left_as_addressed = false;  // Found: it left with this very tag
};

// The returned Received lines against our own SPF. Fail: the hop that the reporting server itself wrote fails, and no
// listed hop passes.
enum class RetroSpf : std::uint8_t { NotAsked, Unknown, Pass, Fail };

// "All mail of this address within the tag lifetime left tagged": said by the operator, for longer than that lifetime.
enum class AllTagged : std::uint8_t { NotDeclared, Declared, Contradicted };

struct Evidence {
  std::optional<Kind> kind{};  // nothing: not asked, as at RCPT
  bool phrases_only = false;   // the kind rests on phrases alone
  bool null_sender = false;
  Tag tag = Tag::NotAsked;
  OwnDkim dkim{};
  OwnWatermark watermark{};
  SentLedger ledger{};
  RetroSpf spf = RetroSpf::NotAsked;
  bool identified = false;        // the report carries a Message-ID or a tag that the ledger could know
  bool next_hop_rewrites = true;  // Message-ID or reverse-path
  bool other_signer = true;       // the domain declares that somebody else signs or sends for it
  AllTagged all_tagged = AllTagged::NotDeclared;
  WallTime now{};
};

}  // namespace anechoic::judge::origin
