// SPDX-License-Identifier: Apache-2.0
#include "outside/maildir/delivery.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "observe/log.h"
#include "outside/maildir/backend.h"

namespace anechoic::maildir {
namespace {

namespace fs = std::filesystem;

TEST(FolderTest, NoNameLeavesTheDirectory) {
  const struct {
    mail::Mailbox mailbox;
    std::string folder;
  } cases[] = {
      {{"bob", "example.org"}, "example.org/bob"},
      {{"Bob+Tag", "example.org"}, "example.org/bob"},
      {{"+tag", "example.org"}, "example.org/+tag"},
      {{"..", "example.org"}, "example.org/%2E."},
      {{".", "example.org"}, "example.org/%2E"},
      {{"../../etc/passwd", "example.org"}, "example.org/%2E.%2F..%2Fetc%2Fpasswd"},
      {{"a b\n\x7f\xc3\xbc%41", "example.org"}, "example.org/a%20b%0A%7F%C3%BC%2541"},
      {{"bob", "[IPv6:::1]"}, "[IPv6:::1]/bob"},
      {{"bob", "../x"}, "%2E.%2Fx/bob"},
      {{"", "example.org"}, "example.org/%"},
      {{"Postmaster", ""}, "mx.example/postmaster"},
  };
  const FolderRules rules{.subaddress = "+", .fold_case = true, .hostname = "mx.example"};
  for (const auto& [mailbox, folder] : cases) EXPECT_EQ(folder_of(mailbox, rules), folder);
  EXPECT_EQ(folder_of({"Bob+Tag", "example.org"}, {.fold_case = false}), "example.org/Bob+Tag");
}

class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() {
    fs::create_directories(ANECHOIC_SOURCE_DIR "/build");  // a disk, not a tmpfs
    std::string name = ANECHOIC_SOURCE_DIR "/build/maildir-test-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    remake({.directory = (root_ / "deep" / "mail").string(), .hostname = "mx/1.example"});
  }
  ~DeliveryTest() override { fs::remove_all(root_); }

  void remake(const Options& options) {
    delivery_ = std::make_unique<Delivery>(options, clock_);
    ASSERT_TRUE(delivery_->prepare());
  }

  Result<void> deliver(std::vector<mail::Mailbox> to, std::string_view text) {
    Envelope envelope{.sender = {mail::Mailbox{"sender", "example.net"}}, .recipients = {}};
    for (auto& mailbox : to) envelope.recipients.push_back({std::move(mailbox)});
    spool::Quota quota;
    spool::Spool body({.directory = root_.string()}, quota);
    EXPECT_TRUE(body.append(text));
    return delivery_->deliver(envelope, "Received: from us\r\n\tby mx\r\n", body, "id00000000000001");
  }

  std::vector<fs::path> files(const std::string& below) {
    std::vector<fs::path> found;
    std::error_code missing;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "deep" / "mail" / below, missing)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }

  static std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path root_;
  SystemClock clock_;
  std::unique_ptr<Delivery> delivery_;
};

TEST_F(DeliveryTest, AFileHasTheTraceOurFieldsAndTheMessageWithLfEnds) {
  ASSERT_TRUE(deliver({{"bob", "example.org"}}, "Subject: x\r\n\r\n.dot\r\na\rb\nc\r\n\r"));
  const auto found = files("example.org/bob");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].parent_path().filename(), "new");
  EXPECT_NE(found[0].filename().string().find("id00000000000001"), std::string::npos);
  EXPECT_EQ(text_of(found[0]),
            "Return-Path: <sender@example.net>\nDelivered-To: bob@example.org\nReceived: from us\n\tby mx\n"
            "Subject: x\n\n.dot\na\rb\nc\n\r");
  EXPECT_TRUE(fs::is_directory(root_ / "deep/mail/example.org/bob/cur"));
  EXPECT_EQ(fs::status(found[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(DeliveryTest, LineEndsAcrossPieces) {
  const std::string line(64 * 1024 - 1, 'x');  // the CR is the last octet of the first piece
  ASSERT_TRUE(deliver({{"bob", "example.org"}}, line + "\r\nend\r\n"));
  EXPECT_TRUE(text_of(files("example.org/bob")[0]).ends_with(line + "\nend\n"));
}

TEST_F(DeliveryTest, EachRecipientGetsAFileAlsoTwiceTheSame) {
  ASSERT_TRUE(deliver({{"bob", "example.org"}, {"BOB", "example.org"}, {"eve", "example.com"}}, "x\r\n"));
  EXPECT_EQ(files("example.org/bob/new").size(), 2U);
  EXPECT_EQ(files("example.com/eve/new").size(), 1U);
  EXPECT_EQ(files("").size(), 3U);
}

TEST_F(DeliveryTest, AFullDiskLeavesNothing) {
  auto* const before_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = deliver({{"bob", "example.org"}}, std::string(5000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, before_signal);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::Exhausted);
  EXPECT_TRUE(files("").empty());
}

TEST_F(DeliveryTest, AFailureForTheLastRecipientTakesBackTheOthers) {
  // In turn: its Maildir can't be made, and its file can't be moved into new/.
  fs::create_directories(root_ / "deep/mail/example.org");
  std::ofstream(root_ / "deep/mail/example.org/eve") << "in the way";
  EXPECT_FALSE(deliver({{"bob", "example.org"}, {"eve", "example.org"}}, "x\r\n"));
  EXPECT_TRUE(files("example.org/bob").empty());
  ASSERT_TRUE(deliver({{"ann", "example.org"}}, "x\r\n"));
  fs::remove_all(root_ / "deep/mail/example.org/ann/new");
  std::ofstream(root_ / "deep/mail/example.org/ann/new") << "in the way";
  EXPECT_FALSE(deliver({{"bob", "example.org"}, {"ann", "example.org"}}, "x\r\n"));
  EXPECT_TRUE(files("example.org/bob").empty());
  EXPECT_EQ(files("example.org/ann").size(), 1U);  // what is in the way
}

TEST_F(DeliveryTest, ANameTooLongIsALimit) {
  remake({.directory = (root_ / "deep" / "mail").string(), .hostname = std::string(300, 'h')});
  const auto done = deliver({{"bob", "example.org"}}, "x\r\n");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::Limit);
}

TEST_F(DeliveryTest, LeftoversGoWhenTheyAreOld) {
  ASSERT_TRUE(deliver({{"bob", "example.org"}}, "x\r\n"));
  const fs::path maildir = root_ / "deep/mail/example.org/bob";
  for (const char* name : {"tmp/old", "tmp/young", "new/old", "cur/old"}) std::ofstream(maildir / name) << "x";
  for (const char* name : {"tmp/old", "new/old", "cur/old"}) {
    fs::last_write_time(maildir / name, fs::file_time_type::clock::now() - std::chrono::hours{40});
  }
  delivery_->remove_leftovers();
  EXPECT_FALSE(fs::exists(maildir / "tmp/old"));
  EXPECT_TRUE(fs::exists(maildir / "tmp/young"));
  EXPECT_TRUE(fs::exists(maildir / "new/old"));
  EXPECT_TRUE(fs::exists(maildir / "cur/old"));
}

TEST_F(DeliveryTest, ThreadsShareAFolder) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_TRUE(deliver({{"bob", "example.org"}}, "x\r\n"));
    });
  }
  threads.clear();
  EXPECT_EQ(files("example.org/bob/new").size(), 80U);
}

class BackendTest : public DeliveryTest {
 protected:
  using Events = std::vector<smtp::BackendEvent>;

  boost::asio::awaitable<void> talk(std::vector<smtp::BackendCommand> commands) {
    auto acquired = co_await pool_.acquire({});
    auto backend = std::move(*acquired);
    EXPECT_TRUE(backend->reusable());
    backend->set_message({.prepended = "Received: us\r\n", .body = &body_, .id = "id1"});
    for (const auto& command : commands) backend->queue(command);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      smtp::BackendEvent event = co_await backend->next_event();
      events_.push_back(std::move(event));
    }
    reusable_ = backend->reusable();
    pool_.release(std::move(backend));
  }

  Events run(std::vector<smtp::BackendCommand> commands) {
    events_.clear();
    context_.restart();
    boost::asio::co_spawn(context_, talk(std::move(commands)), boost::asio::detached);
    context_.run();
    return events_;
  }

  static std::uint16_t code_of(const smtp::BackendEvent& event) {
    return std::visit(
        [](const auto& what) -> std::uint16_t {
          using What = std::decay_t<decltype(what)>;
          if constexpr (std::is_same_v<What, smtp::FinalReplies>) return what.replies.at(0).code;
          if constexpr (std::is_same_v<What, smtp::Lost>) return 0;
          if constexpr (!std::is_same_v<What, smtp::FinalReplies> && !std::is_same_v<What, smtp::Lost>) {
            return what.reply.code;
          }
        },
        event);
  }

  static std::vector<std::uint16_t> codes_of(const Events& events) {
    std::vector<std::uint16_t> codes;
    std::ranges::transform(events, std::back_inserter(codes), code_of);
    return codes;
  }

  static smtp::SendRcpt rcpt(const char* local) { return {.path = {mail::Mailbox{local, "example.org"}}}; }

  spool::Quota quota_;
  spool::Spool body_{{.directory = "/tmp"}, quota_};
  observe::Log log_{observe::LogFormat::Text, observe::Level::Error, clock_, [](std::string_view) {}};
  boost::asio::io_context context_;  // outlives the worker: its threads post to it
  net::Worker worker_{"maildir", 2, 100};
  MaildirPool pool_{*delivery_, worker_, log_, "maildir:/mail"};
  Events events_;
  bool reusable_ = false;
};

TEST_F(BackendTest, ATransactionIsAnsweredWhenItIsOnDisk) {
  ASSERT_TRUE(body_.append("Subject: x\r\n\r\n"));
  const auto events = run({smtp::SendMail{}, rcpt("bob"), rcpt("eve"), smtp::SendData{}, smtp::SendBody{}});
  EXPECT_EQ(codes_of(events), (std::vector<std::uint16_t>{250, 250, 250, 354, 250}));
  EXPECT_TRUE(reusable_);
  EXPECT_TRUE(text_of(files("example.org/eve/new").at(0)).starts_with("Return-Path: <>\n"));
}

TEST_F(BackendTest, AResetForgetsTheTransaction) {
  const auto events = run({smtp::SendMail{}, rcpt("bob"), smtp::SendReset{}, smtp::SendMail{}, smtp::SendData{}});
  EXPECT_EQ(codes_of(events), (std::vector<std::uint16_t>{250, 250, 250, 250, 503}));
  EXPECT_FALSE(reusable_);
  EXPECT_TRUE(files("").empty());
}

TEST_F(BackendTest, WhatCantBeStoredIsTemporary) {
  fs::create_directories(root_ / "deep/mail/example.org");
  std::ofstream(root_ / "deep/mail/example.org/eve") << "in the way";
  ASSERT_TRUE(body_.append("x\r\n"));
  EXPECT_EQ(code_of(run({smtp::SendMail{}, rcpt("eve"), smtp::SendData{}, smtp::SendBody{}}).back()), 451);
  auto* const before_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  const auto events = run({smtp::SendMail{}, rcpt("bob"), smtp::SendData{}, smtp::SendBody{}});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, before_signal);
  EXPECT_EQ(code_of(events.back()), 452);
  EXPECT_TRUE(files("example.org/bob").empty());
}

TEST_F(BackendTest, ABusyWorkerIsTemporary) {
  net::Worker none("none", 1, 0);
  MaildirPool pool(*delivery_, none, log_, "maildir:/mail");
  ASSERT_TRUE(body_.append("x\r\n"));
  boost::asio::io_context context;
  const auto talk_to = [&]() -> boost::asio::awaitable<void> {
    auto acquired = co_await pool.acquire({});
    auto& backend = **acquired;
    backend.set_message({.prepended = "", .body = &body_, .id = "id1"});
    backend.queue(smtp::SendMail{});
    backend.queue(rcpt("bob"));
    backend.queue(smtp::SendBody{});
    for (int i = 0; i < 3; ++i) {
      smtp::BackendEvent event = co_await backend.next_event();
      events_.push_back(std::move(event));
    }
  };
  boost::asio::co_spawn(context, talk_to(), boost::asio::detached);
  context.run();
  EXPECT_EQ(codes_of(events_), (std::vector<std::uint16_t>{250, 250, 451}));
}

}  // namespace
}  // namespace anechoic::maildir
