// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

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

TEST(ReplyQueue, LetsRepliesLeaveInTheOrderOfTheQuestions) {
  std::mt19937 random(1);
  ReplyQueue queue;
  for (int round = 0; round < 200; ++round) {
    std::string out;
    std::string expected;
    std::vector<std::uint32_t> open;
    for (std::uint32_t id = 1; !queue.full() && id < 1U + random() % 40U; ++id) {
      if (!open.empty() && random() % 4U == 0) {
        queue.push({501, {}, std::to_string(id)}, false);
        expected += "501 " + std::to_string(id) + "\r\n";
      } else {
        queue.ask(id);
        open.push_back(id);
        expected += "250 " + std::to_string(id) + "\r\n";
      }
    }
    EXPECT_EQ(queue.open(), open.size());
    std::ranges::shuffle(open, random);
    for (const std::uint32_t id : open) {
      EXPECT_EQ(queue.answer(id, {250, {}, std::to_string(id)}, false, out), ReplyQueue::Answered::Taken);
      EXPECT_EQ(out, expected.substr(0, out.size()));
    }
    EXPECT_EQ(out, expected);
    EXPECT_TRUE(queue.empty());
    if (round % 3 == 0) queue.release();
  }
}

TEST(ReplyQueue, LetsNothingFollowA421) {
  ReplyQueue queue;
  std::string out;
  for (const std::uint32_t id : {1U, 2U, 3U}) queue.ask(id);
  (void)queue.answer(3, {250, {}, "three"}, false, out);
  (void)queue.answer(2, {421, {}, "two"}, false, out);
  EXPECT_FALSE(queue.closing());
  (void)queue.answer(1, {250, {}, "one"}, false, out);
  EXPECT_TRUE(queue.closing());
  EXPECT_EQ(out, "250 one\r\n421 two\r\n");
}

}  // namespace
}  // namespace anechoic::smtp
