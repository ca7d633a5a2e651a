// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/live_answer.h"

#include <gtest/gtest.h>

namespace anechoic::recipients {
namespace {

TEST(LiveAnswer, TellsUnknownUsersFromPolicy) {
  struct Case {
    smtp::Reply reply;
    Said said;
  };
  const Case cases[] = {
      {{250, {2, 1, 5}, "Ok"}, Said::Exists},
      {{251, {2, 1, 5}, "User not local; will forward"}, Said::Exists},
      {{550, {5, 1, 1}, "<x@example.org>: Recipient address rejected"}, Said::Absent},
      {{554, {5, 1, 1}, "User unknown"}, Said::Absent},
      {{550, {}, "Unrouteable address"}, Said::Absent},
      {{550, {5, 0, 0}, "No Such User here"}, Said::Absent},
      {{550, {5, 1, 0}, "<x@example.org>: Sender address rejected: User unknown in local recipient table"},
       Said::Nothing},
      {{550, {5, 1, 1}, "<x@example.org>: Sender address rejected: User unknown"}, Said::Nothing},
      {{550, {}, "sender verify failed: no such user"}, Said::Nothing},
      {{550, {5, 7, 1}, "User unknown in relay table"}, Said::Nothing},
      {{550, {5, 7, 1}, "Relaying denied"}, Said::Nothing},
      {{550, {5, 0, 0}, "Administrative prohibition"}, Said::Nothing},
      {{552, {5, 2, 2}, "Mailbox full"}, Said::Nothing},
      {{550, {5, 2, 1}, "Mailbox disabled, not accepting messages"}, Said::Nothing},
      {{554, {5, 0, 0}, "user unknown"}, Said::Nothing},
      {{450, {4, 1, 1}, "User unknown"}, Said::Nothing},
      {{451, {4, 7, 1}, "Greylisted"}, Said::Nothing},
      // About the sender, though the question was the recipient: Exim's `verify = sender`.
      {{550, {}, "Verification failed for <x@nowhere.example>\nUnrouteable address\nSender verify failed"},
       Said::Nothing},
      // Words that the client put into an address are no words of the backend.
      {{550, {}, "<\"no such user\"@x.example>: administrative prohibition"}, Said::Nothing},
      {{550, {}, "<sender.list@example.org>: no such user"}, Said::Absent},
      {{550, {}, "<broken no such user"}, Said::Nothing},
      {{354, {}, "Go ahead"}, Said::Nothing},
      {{0, {}, ""}, Said::Nothing},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(what_it_says(c.reply), c.said) << smtp::to_string(c.reply);
  }
}

}  // namespace
}  // namespace anechoic::recipients
