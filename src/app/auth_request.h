// SPDX-License-Identifier: Apache-2.0
// What `anechoic auth` is asked: its options made into an envelope and a time, and a message's bytes made into what was
// on the wire.   Threads: none; one owner. Errors: Syntax, with what to write.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/checks.h"
#include "base/clock.h"
#include "base/result.h"
#include "mail/address.h"

namespace anechoic::app {

struct AuthArguments {
  std::string ip{};  // "" = not given
  std::string helo{};
  std::string mail_from{};
  bool mail_from_known = false;  // "" is the null sender
  std::string at{};
  std::vector<std::string> zones{};
  std::string message{};  // "" = none, "-" = standard input
  bool json = false;
};

struct AuthRequest {
  std::optional<auth::Envelope> envelope;         // nullopt: SPF is not asked
  std::optional<mail::ReversePath> reverse_path;  // known without an envelope
  std::optional<WallTime> at;
};
// SPF is asked where --ip and --mail-from are given; without a message also where --ip and --helo are (the null
// sender).
[[nodiscard]] Result<AuthRequest> read_auth_request(const AuthArguments& arguments);

// RFC 3339 ("2026-11-22T06:15:00Z", "...+01:00", with or without fractions), a date, or Unix seconds.
[[nodiscard]] Result<WallTime> parse_instant(std::string_view text);

// Hands a message's bytes on with line ends CRLF: a file whose first line ends with a bare LF has all its bare LFs
// turned; one with CRLF stays as it is, down to the odd LF. An mbox "From " line at its head is dropped.
class WireForm {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit WireForm(Sink sink) : sink_(std::move(sink)) {}
  void feed(std::string_view bytes);
  void finish();

 private:
  void begin();
  void pass_on(std::string_view bytes);

  Sink sink_;
  std::string first_;  // the first line, until it is whole
  bool begun_ = false;
  bool turn_ = false;
  char last_ = '\0';
};

}  // namespace anechoic::app
