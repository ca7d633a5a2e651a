// SPDX-License-Identifier: Apache-2.0
// What a door and the guards have found out when a stage is decided. A stage that a door lacks leaves its facts "not
// asked". Threads: values.
#pragma once

#include <cstdint>
#include <string>

#include "base/ip.h"
#include "judge/verdict/fact.h"
#include "judge/verdict/ruleset.h"
#include "mail/address.h"

namespace anechoic::judge {

enum class Stage : std::uint8_t { Connect, Helo, Mail, Rcpt, Headers, End };

struct Client {
  ip::Address address;  // the real client: after PROXY or XCLIENT
  std::uint16_t port = 0;
  std::string name;      // forward-confirmed PTR if somebody told us (XCLIENT), else ""
  std::string protocol;  // SMTP, ESMTP, ESMTPS
  bool tls = false;
  std::string helo{};  // as a listed host told it (XFORWARD); "" = what the session heard
};

// Does the address exist?
enum class Existence : std::uint8_t {
  Exists,
  Absent,
  AcceptsAll,  // R9: the backend says yes to everything, so nothing is known of the address
};
struct RecipientStatus {
  Existence existence = Existence::Exists;
  std::string source;                           // its name in the settings
  RecipientMode mode = RecipientMode::Observe;  // of the source that answered
  bool stale = false;                           // an old positive, served because the source is down
  bool listed_exactly = false;                  // that very address, not by sub-address or domain rule (R1)
};

struct Facts {
  Fact<Client> client;
  Fact<std::string> helo;
  Fact<mail::ReversePath> reverse_path;

  // stage Rcpt
  Fact<mail::ForwardPath> recipient;
  // Unknown: the source is down. Not asked: the domain has none, or none knows anything yet (R10a: the live RCPT will
  // tell).
  Fact<RecipientStatus> recipient_status;
  // With an unknown status: the strictest mode among the sources that could not answer.
  RecipientMode down_mode = RecipientMode::Reject550;
  unsigned accepted_recipients = 0;  // of this transaction, before this one
  Fact<unsigned> null_sender_rate;   // null-sender mails to this recipient within the last minute, with this one

  // stage Headers
  Fact<unsigned> received_fields;
  Fact<unsigned> own_received_fields;

  // stage End; SPF alone may be known at Rcpt
  Sender sender;
  // What the policies of all recipients that were accepted agree on. With postmaster or abuse among them: observe, for
  // their mail is always taken.
  SenderModes modes;
};

}  // namespace anechoic::judge
