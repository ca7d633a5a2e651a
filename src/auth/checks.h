// SPDX-License-Identifier: Apache-2.0
// All checks of one message: what a door or another program uses. SPF begins as soon as the envelope is known, the body
// is hashed as it comes, and DKIM, ARC and DMARC are asked at its end.
//
//   Checks checks(services, options);
//   checks.envelope({client, helo, reverse_path}, [](const spf::Outcome&) {...});   // if there is an envelope
//   checks.message(bytes); ...                                                      // if there is a message; CRLF
//   checks.finish([](const Evidence&) {...});
//
// Callbacks come at once or later, once each, never after the Checks is gone. Everything is bounded: header bytes
// (limits::kHeaderBytes, beyond it DKIM and ARC are permerror/fail with that reason), signatures, look-ups, time.
// Lifetime: the services outlive the Checks, and also the open questions of one that is gone (a Resolver answers them
// all before it goes).   Threads: the resolver's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/evidence.h"
#include "auth/lookup/lookups.h"

namespace anechoic::auth {

struct CheckServices {
  Resolver& resolver;
  const Clock& clock;
  crypto::PublicKeys& keys;
};

struct CheckOptions {
  LookupBudget budget;
  spf::Options spf;
  dkim::VerifyOptions dkim;
  arc::VerifyOptions arc;
  bool check_helo = true;      // SPF's HELO identity beside MAIL FROM
  std::optional<WallTime> at;  // instead of the clock's: judge a message as of then
};

struct Envelope {
  ip::Address client;
  std::string helo;
  mail::ReversePath reverse_path;
};

class Checks {
 public:
  Checks(CheckServices services, CheckOptions options);
  ~Checks();
  Checks(const Checks&) = delete;
  Checks& operator=(const Checks&) = delete;

  using SpfDone = std::move_only_function<void(const spf::Outcome&)>;
  using Done = std::move_only_function<void(const Evidence&)>;

  void envelope(const Envelope& envelope, SpfDone done);
  // Envelope facts that are known without SPF (no client address, say): only the reverse-path, for the proofs.
  void reverse_path(mail::ReversePath path);
  void message(std::string_view bytes);
  // Once. What is not there is "not asked".
  void finish(Done done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace anechoic::auth
