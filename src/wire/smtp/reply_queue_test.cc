// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply_queue.h"

#include <gtest/gtest.h>

namespace anechoic::smtp {
namespace {

const Reply kYes{250, {2, 1, 5}, "yes"};

TEST(ReplyQueue, KeepsOrderAfterItsStorageWasGivenBack) {
  ReplyQueue queue;
  std::string out;
  std::uint32_t id = 0;
  // Rounds that end at every place of the ring.
  for (unsigned round = 1; round < 40; ++round) {
    const std::uint32_t first = id + 1;
    for (unsigned i = 0; i < 1 + round % limits::kOpenQuestions; ++i) queue.ask(++id);
    for (std::uint32_t last = id; last >= first; --last) {
      EXPECT_EQ(queue.answer(last, {static_cast<std::uint16_t>(200 + last - first), {}, "x"}, false, out),
                ReplyQueue::Answered::Taken);
    }
    std::string expected;
    for (std::uint32_t i = 0; i <= id - first; ++i) expected += std::to_string(200 + i) + " x\r\n";
    EXPECT_EQ(out, expected) << round;
    EXPECT_TRUE(queue.empty());
    out.clear();
    if (round % 2 == 1) queue.release();
  }
}

TEST(ReplyQueue, AnUnknownQuestionIsNotAnswered) {
  ReplyQueue queue;
  std::string out;
  queue.ask(1);
  EXPECT_EQ(queue.answer(2, kYes, false, out), ReplyQueue::Answered::Unknown);
  EXPECT_EQ(queue.answer(1, kYes, false, out), ReplyQueue::Answered::Taken);
  EXPECT_EQ(queue.answer(1, kYes, false, out), ReplyQueue::Answered::Unknown);
}

}  // namespace
}  // namespace anechoic::smtp
