// SPDX-License-Identifier: Apache-2.0
#include "app/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

namespace anechoic::app {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

net::Task<Result<Json>> echo(Json request) {
  if (request["command"] == "fail") co_return fail(Errc::Refused, "not today");
  co_return Json{{"heard", request["command"]}, {"bytes", request.value("bytes", "")}};
}

class Control : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    auto server = ControlServer::start(context_, wheel_, path_, echo);
    ASSERT_TRUE(server.has_value()) << server.error().detail;
    server_ = std::move(*server);
    thread_ = std::jthread([this] { context_.run(); });
  }
  void TearDown() override {
    boost::asio::post(context_, [this] {
      server_->stop();
      context_.stop();
    });
    thread_.join();
    server_.reset();
    context_.restart();
    context_.poll();
    EXPECT_FALSE(std::filesystem::exists(path_));
    std::filesystem::remove_all(folder_);
  }
  Result<Json> ask(const Json& request) { return ask_daemon(path_, request, std::chrono::seconds(10)); }

  std::string folder_ = std::filesystem::temp_directory_path() / ("anechoic-control-" + std::to_string(getpid()));
  std::string path_ = folder_ + "/control.sock";
  boost::asio::io_context context_{1};
  net::DeadlineWheel wheel_{context_};
  std::unique_ptr<ControlServer> server_;
  std::jthread thread_;
};

TEST_F(Control, AnswersRequests) {
  const auto reply = ask({{"command", "hello"}, {"bytes", std::string(20'000, 'x')}});
  ASSERT_TRUE(reply.has_value()) << reply.error().detail;
  EXPECT_EQ((*reply)["ok"], true);
  EXPECT_EQ((*reply)["heard"], "hello");
  EXPECT_EQ((*reply)["bytes"].get<std::string>().size(), 20'000U);
}

TEST_F(Control, PassesErrorsOn) {
  const auto reply = ask({{"command", "fail"}});
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, Errc::Refused);
  EXPECT_EQ(reply.error().detail, "not today");
  EXPECT_THAT(ask({{"x", 1}}).error().detail, HasSubstr("\"command\""));
  EXPECT_THAT(ask({{"command", 7}}).error().detail, HasSubstr("\"command\""));
}

TEST_F(Control, BelongsToItsUserOnly) {
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Control, RefusesASecondDaemon) {
  boost::asio::io_context context;
  net::DeadlineWheel wheel(context);
  const auto second = ControlServer::start(context, wheel, path_, echo);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::Refused);
  EXPECT_TRUE(ask({{"command", "still"}}).has_value());
}

TEST_F(Control, BearsNonsense) {
  for (const std::string& bytes : {std::string("\n"), std::string("{]\n"), std::string("\xff\xfe\0\n", 4),
                                   std::string(100'000, 'a'), std::string("{\"command\":")}) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::close(fd);
  }
  EXPECT_TRUE(ask({{"command", "still"}}).has_value());
}

TEST(ControlClient, SaysThatNobodyIsThere) {
  const auto reply = ask_daemon("/tmp/anechoic-no-such.sock", {{"command", "status"}}, std::chrono::seconds(1));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, Errc::NotFound);
  EXPECT_THAT(reply.error().detail, HasSubstr("anechoic run"));
}

}  // namespace
}  // namespace anechoic::app
