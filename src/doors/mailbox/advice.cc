// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/findings.h"

namespace anechoic::triage {

using judge::Kind;
using mail::dsn::Reason;

namespace {

struct ReasonWords {
  std::string_view what;
  std::string_view to_do;
};

// NOLINTNEXTLINE(readability-function-size): a table
ReasonWords words_of(Reason reason) {
  switch (reason) {
    case Reason::Undefined:
      return {"no reason given", "Read the server's words; if they don't help, ask the recipient by another way."};
    case Reason::UserUnknown:
      return {"no such mailbox",
              "Check the spelling of the address; if it is right, it no longer exists: ask for the new one and remove "
              "it from lists."};
    case Reason::UserMoved:
      return {"moved to another address", "Use the new address, if the text names it, and correct your address book."};
    case Reason::MailboxFull:
      return {"mailbox full",
              "Send it again in a few days, or tell the recipient by another way that the mailbox is full."};
    case Reason::Suspended:
      return {
          "account suspended",
          "The account is closed or locked: reach the recipient by another way, and remove the address from lists."};
    case Reason::NotAccepting:
      return {"takes no mail", "This address or domain takes no mail at all: ask for another address."};
    case Reason::HostUnknown:
      return {"no such domain", "Check the part behind the @: the domain does not exist or has no mail server."};
    case Reason::NoRelaying:
      return {"relaying denied",
              "The server does not take mail for that domain: its MX records may be wrong, or you used the wrong "
              "outgoing server."};
    case Reason::Expired:
      return {"gave up after days of trying",
              "The recipient's server could not be reached for days: try again, then ask its administrator."};
    case Reason::NetworkError:
      return {"could not connect",
              "The recipient's server could not be reached: try again later; check your own network and DNS if others "
              "fail, too."};
    case Reason::Filtered:
      return {"refused by a filter",
              "The recipient's own rules refused it: reach him by another way and ask to be let in."};
    case Reason::SpamContent:
      return {"content taken for spam",
              "Write it with fewer links and attachments, and check that your domain has SPF, DKIM and DMARC."};
    case Reason::Virus:
      return {"virus found", "Check the attachment and your computer for malware before you send it again."};
    case Reason::BlockedSender:
      return {
          "sender blocked",
          "The address of your mail server is on a block list: look it up, remove the cause and ask to be taken off."};
    case Reason::BadReputation:
      return {"bad reputation",
              "Your server's reputation is low: look for abused accounts and forms, and send less for a while."};
    case Reason::RequirePtr:
      return {"no reverse name", "Give your mail server's address a PTR record that leads back to it."};
    case Reason::Authentication:
      return {"sender not authenticated",
              "Correct SPF, DKIM and DMARC of your domain, or send through the server that your domain allows."};
    case Reason::SecurityPolicy:
      return {"security policy",
              "The server demands TLS or another protection: check the certificate and TLS settings of your server."};
    case Reason::Policy:
      return {"site policy", "The server's rules refuse it: its text or its administrator says which."};
    case Reason::NotCompliant:
      return {"malformed message or dialogue",
              "Something in the message breaks the standards: look which program wrote it."};
    case Reason::SenderRejected:
      return {"sender address refused",
              "Your own address was refused: check that its domain resolves and that you may use it."};
    case Reason::RateLimited:
      return {"too much at once", "Send more slowly; what was deferred is usually delivered later."};
    case Reason::TooManyConnections:
      return {"too many connections", "Let your server open fewer connections to that host."};
    case Reason::TooBig:
      return {"message too big", "Send a link in place of the attachment, or split it."};
    case Reason::ContentError:
      return {"content not acceptable", "Send it as plain text, without unusual characters or attachments."};
    case Reason::Loop:
      return {"mail loop", "Forwardings go in a circle at the recipient's side: tell him or his administrator."};
    case Reason::SystemError:
      return {"their server is broken", "Nothing is wrong with your message: send it again later."};
    case Reason::SystemFull:
      return {"their disk is full", "Send it again later."};
    case Reason::MailerError:
      return {"a program behind the address failed",
              "Tell the recipient's administrator: a filter or program there fails."};
    case Reason::Delivered:
      return {"delivered", "Nothing to do."};
    case Reason::Feedback:
      return {"a complaint", "The recipient called it spam: take the address off your lists."};
    case Reason::AutoReply:
      return {"an automatic reply", "Read it; the recipient may be away."};
  }
  return {"", ""};
}

}  // namespace

std::string_view plain_words(Reason reason) {
  return words_of(reason).what;
}

std::string_view advice(const Genuine& genuine) {
  switch (genuine.kind) {
    case Kind::Dsn:
      if (genuine.action == "delayed") return "Nothing yet: the server goes on trying and will tell if it gives up.";
      if (genuine.action == "delivered" || genuine.action == "relayed" || genuine.action == "expanded")
        return "Nothing to do: it was delivered.";
      return words_of(genuine.reason).to_do;
    case Kind::VirusNotice:
      return words_of(Reason::Virus).to_do;
    case Kind::Challenge:
      return "Your mail waits until you confirm that you sent it: follow the link if you know the recipient.";
    case Kind::SubscriptionConfirm:
      return "Confirm it if you asked for this subscription.";
    case Kind::AutoReply:
    case Kind::CommandAnswer:
      return "Read it; it answers something that you wrote.";
    case Kind::Mdn:
    case Kind::Report:
    case Kind::List:
    case Kind::Bulk:
    case Kind::Ordinary:
      return "Nothing to do.";
  }
  return "";
}

std::string_view plural(Kind kind) {
  switch (kind) {
    case Kind::Dsn:
      return "bounces";
    case Kind::Mdn:
      return "receipts";
    case Kind::AutoReply:
      return "automatic replies";
    case Kind::Challenge:
      return "challenges";
    case Kind::VirusNotice:
      return "virus notices";
    case Kind::SubscriptionConfirm:
      return "subscription requests";
    case Kind::CommandAnswer:
      return "answers of list robots";
    case Kind::Report:
      return "reports";
    case Kind::List:
      return "list mail";
    case Kind::Bulk:
      return "bulk mail";
    case Kind::Ordinary:
      return "ordinary mail";
  }
  return "";
}

}  // namespace anechoic::triage
