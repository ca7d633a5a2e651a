// SPDX-License-Identifier: Apache-2.0
#include "outside/net/stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>

#include "testing/loop.h"

namespace anechoic::net {
namespace {

using namespace std::chrono_literals;

// Two ends of a connection on one loop.
class StreamTest : public ::testing::Test {
 protected:
  StreamTest() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    const asio::generic::stream_protocol protocol(AF_UNIX, 0);
    near = std::make_unique<Stream>(Socket(loop.context, protocol, ends[0]), loop.wheel);
    far = std::make_unique<Stream>(Socket(loop.context, protocol, ends[1]), loop.wheel);
  }

  std::string received(SteadyTime deadline = testing::in_a_while()) { return received_by(*near, deadline); }
  std::string received_by(Stream& stream, SteadyTime deadline = testing::in_a_while()) {
    const Result<std::string_view> got = loop.run(stream.receive(deadline));
    return got ? std::string(*got) : "error " + std::string(to_string(got.error().code)) + " " + got.error().detail;
  }

  testing::Loop loop;
  std::unique_ptr<Stream> near;
  std::unique_ptr<Stream> far;
};

TEST_F(StreamTest, ReceivesWhatIsThereAndWaitsForWhatIsNot) {
  EXPECT_EQ(far->send_now("one").value(), 3U);
  EXPECT_EQ(received(), "one");
  bool sent = false;
  asio::post(loop.context, [&] { sent = far->send_now("two").value() == 3; });
  EXPECT_EQ(received(), "two");
  EXPECT_TRUE(sent);
  EXPECT_EQ(near->receive_now().value(), "");
  ASSERT_TRUE(far->send_now("three"));
  EXPECT_EQ(near->receive_now().value(), "three");
}

TEST_F(StreamTest, EndOfStreamIsUnavailableClosed) {
  ASSERT_TRUE(far->send_now("last"));
  far->shut_down();
  EXPECT_EQ(received(), "last");
  EXPECT_EQ(received(), "error unavailable closed");
  EXPECT_EQ(near->receive_now().error().code, Errc::Unavailable);
}

TEST_F(StreamTest, ReceiveEndsAtItsDeadline) {
  const SteadyTime deadline = testing::within(50ms);
  EXPECT_EQ(received(deadline), "error timeout no answer in time");
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  EXPECT_EQ(near->send_now("421 too slow").value(), 12U) << "a last word can be said";
  EXPECT_EQ(far->receive_now().value(), "421 too slow");
  near->close();
  EXPECT_EQ(received(), "error unavailable closed");
}

TEST_F(StreamTest, AnOldDeadlineDoesNotEndALaterWait) {
  ASSERT_TRUE(far->send_now("a"));
  EXPECT_EQ(received(testing::within(10ms)), "a");
  asio::post(loop.context, [&] { EXPECT_TRUE(far->send_now("b")); });
  EXPECT_EQ(received(testing::within(10ms)), "b");
  loop.run_for(250ms);
  EXPECT_TRUE(near->is_open()) << "nobody was waiting";
  loop.spawn([](Stream& stream) -> Task<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, 300ms);
    co_await timer.async_wait(asio::deferred);
    EXPECT_TRUE(stream.send_now("c"));
  }(*far));
  EXPECT_EQ(received(testing::within(5s)), "c");
}

TEST_F(StreamTest, AShorterDeadlineThanTheOneBeforeHolds) {
  ASSERT_TRUE(far->send_now("a"));
  EXPECT_EQ(received(testing::within(1h)), "a");
  const SteadyTime start = std::chrono::steady_clock::now();
  EXPECT_EQ(received(testing::within(50ms)), "error timeout no answer in time");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(StreamTest, SendsMoreThanFits) {
  const std::string big(4 << 20, 'x');
  std::size_t got = 0;
  loop.spawn([](Stream& stream, const std::string& bytes) -> Task<void> {
    const Result<void> sent = co_await stream.send(bytes, testing::in_a_while());
    EXPECT_TRUE(sent);
    stream.shut_down();
  }(*far, big));
  while (true) {
    const std::string piece = received();
    if (piece.starts_with("error")) break;
    EXPECT_EQ(piece.find_first_not_of('x'), std::string::npos);
    got += piece.size();
  }
  EXPECT_EQ(got, big.size());
}

TEST_F(StreamTest, LeavingDoesNotTakeTheLastWordAway) {
  ASSERT_TRUE(far->send_now("nobody reads this"));
  ASSERT_TRUE(near->send_now("554 enough"));
  loop.spawn(near->leave(testing::within(5s)));
  EXPECT_EQ(received_by(*far), "554 enough");
  ASSERT_TRUE(far->send_now("nor this"));
  EXPECT_EQ(received_by(*far), "error unavailable closed") << "no reset";
  far->close();
  loop.run_until([&] { return !near->is_open(); });
}

TEST_F(StreamTest, LeavingEndsThoughTheOtherSideStays) {
  ASSERT_TRUE(far->send_now("nobody reads this"));
  loop.run(near->leave(testing::within(50ms)));
  EXPECT_FALSE(near->is_open());
  near.reset();
  loop.run_for(1ms);
}

TEST_F(StreamTest, SendEndsAtItsDeadlineWhenNobodyReads) {
  const std::string big(4 << 20, 'x');
  const Result<void> sent = loop.run(near->send(big, testing::within(50ms)));
  EXPECT_EQ(sent.error().code, Errc::Timeout);
  EXPECT_FALSE(near->is_open());
  EXPECT_EQ(received(), "error timeout no answer in time");
}

TEST_F(StreamTest, SendToAClosedPeerFailsWithoutSignal) {
  far.reset();
  EXPECT_EQ(near->send_now("x").error().code, Errc::Unavailable);
  EXPECT_EQ(loop.run(near->send("x", testing::in_a_while())).error().code, Errc::Unavailable);
}

TEST_F(StreamTest, CloseEndsAPendingReceive) {
  asio::post(loop.context, [&] { near->close(); });
  EXPECT_EQ(received(), "error unavailable closed");
  EXPECT_EQ(near->send_now("x").error().code, Errc::Unavailable);
}

TEST_F(StreamTest, WaitEitherHearsAnAnswerWhileWritingIsBlocked) {
  const std::string big(4 << 20, 'x');
  ASSERT_LT(near->send_now(big).value(), big.size());
  asio::post(loop.context, [&] { EXPECT_TRUE(far->send_now("552")); });
  ASSERT_TRUE(loop.run(near->wait_either(testing::in_a_while())));
  EXPECT_EQ(near->receive_now().value(), "552");
  EXPECT_EQ(loop.run(near->wait_either(testing::within(50ms))).error().code, Errc::Timeout);
}

TEST_F(StreamTest, HasInputSeesBytesAndTheEnd) {
  EXPECT_FALSE(near->has_input());
  ASSERT_TRUE(far->send_now("x"));
  EXPECT_TRUE(near->has_input());
  EXPECT_EQ(near->receive_now().value(), "x");
  EXPECT_FALSE(near->has_input());
  far.reset();
  EXPECT_TRUE(near->has_input());
}

TEST_F(StreamTest, AUnixSocketsRemoteIsLoopback) {
  EXPECT_EQ(ip::to_string(near->remote().value()), "127.0.0.1:0");
}

}  // namespace
}  // namespace anechoic::net
