// SPDX-License-Identifier: Apache-2.0
// Names and sentences of origin.h.
#include "doors/mailbox/origin.h"

namespace anechoic::triage {

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::None:
      return "";
    case Origin::Ours:
      return "ours";
    case Origin::NotOurs:
      return "not-ours";
    case Origin::Unknown:
      return "unknown";
  }
  return "";
}

namespace {

struct Words {
  std::string_view name;
  std::string_view text;
};

Words words_of(Why why) {
  switch (why) {
    case Why::None:
      return {"", ""};
    case Why::SentMessageId:
      return {"sent-message-id", "it answers a message that you sent to this recipient"};
    case Why::SentForwarded:
      return {"sent-forwarded",
              "it answers a message that you sent, for a recipient you did not write to (forwarded?)"};
    case Why::SentRecipient:
      return {"sent-recipient", "you wrote to this recipient then"};
    case Why::Stranger:
      return {"stranger", "the message it answers is from somebody else"};
    case Why::NotSent:
      return {"not-sent", "the message it answers is not among those you sent"};
    case Why::CopiedMessageId:
      return {"copied-message-id", "it names a Message-ID of yours, but returns another message"};
    case Why::Copied:
      return {"copied", "it returns a message of yours, as many others do, for a recipient it never went to"};
    case Why::Colleague:
      return {"colleague", "the message it answers is from your domain; you are given as its postmaster only"};
    case Why::Tagged:
      return {"tagged", "it came to a tagged return path of yours, which a stranger does not know"};
    case Why::Similar:
      return {"similar", "you sent something like it (the same subject, or the same recipient), but not that message"};
    case Why::NotCovered:
      return {"not-covered", "your sent mail does not cover the time"};
    case Why::NoSent:
      return {"no-sent", "it needs your sent mail to tell (--sent)"};
    case Why::NoOriginal:
      return {"no-original", "it does not say which message it answers"};
    case Why::NoOwner:
      return {"no-owner", "it needs your address to tell (--me)"};
  }
  return {"", ""};
}

}  // namespace

std::string_view to_string(Why why) {
  return words_of(why).name;
}
std::string_view sentence(Why why) {
  return words_of(why).text;
}

}  // namespace anechoic::triage
