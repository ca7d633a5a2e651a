// SPDX-License-Identifier: Apache-2.0
// What the tests of connections and pools share: a loop, a connector, a spooled body, and one transaction in commands.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "outside/smtp_client/connection.h"
#include "testing/loop.h"
#include "testing/scripted_server.h"
#include "testing/temp_dir.h"

namespace anechoic::smtp_client {

inline Options quick_options() {
  using std::chrono::milliseconds;
  Options options;
  options.hostname = "mx.example.org";
  options.tls = Tls::Never;
  options.connect = options.greeting = options.command = options.data_block = options.data_done = milliseconds(10'000);
  return options;
}

class BackendFixture : public ::testing::Test {
 protected:
  BackendFixture() { (void)std::signal(SIGPIPE, SIG_IGN); }

  Result<std::unique_ptr<Connection>> open(const std::vector<std::string>& urls, const Options& options) {
    const auto group = Group::make(urls, options).value();
    return loop.run(Connection::open(connector, loop.wheel, group, 0));
  }
  Result<std::unique_ptr<Connection>> open(const testing::ScriptedServer& server,
                                           const Options& options = quick_options()) {
    return open({"smtp://" + server.host_and_port()}, options);
  }

  static std::string text_of(const smtp::BackendEvent& event) {
    if (const auto* reply = std::get_if<smtp::MailReply>(&event)) return "mail " + smtp::to_string(reply->reply);
    if (const auto* reply = std::get_if<smtp::RcptReply>(&event)) return "rcpt " + smtp::to_string(reply->reply);
    if (const auto* reply = std::get_if<smtp::DataReply>(&event)) return "data " + smtp::to_string(reply->reply);
    if (const auto* reply = std::get_if<smtp::ResetReply>(&event)) return "reset " + smtp::to_string(reply->reply);
    if (const auto* finals = std::get_if<smtp::FinalReplies>(&event)) {
      std::string text = "final";
      for (const smtp::Reply& reply : finals->replies) text += " " + smtp::to_string(reply) + ";";
      return text;
    }
    const auto& lost = std::get<smtp::Lost>(event);
    return "lost " + std::string(to_string(lost.error.code)) + (lost.reply ? " " + smtp::to_string(*lost.reply) : "");
  }

  std::string next(Backend& backend) { return text_of(loop.run(backend.next_event())); }

  static void queue_envelope(Backend& backend, unsigned recipients = 1,
                             std::optional<smtp::Identity> identity = std::nullopt) {
    backend.queue(smtp::SendMail{{mail::Mailbox{"a", "example.net"}}, {}, std::move(identity)});
    for (unsigned i = 0; i < recipients; ++i) {
      backend.queue(smtp::SendRcpt{{mail::Mailbox{"u" + std::to_string(i), "example.org"}}});
    }
  }

  // From MAIL to the final replies: the last event, or the Lost that came before it.
  std::string transact(Backend& backend, const std::string& body, unsigned recipients = 1) {
    spool::Spool message(spool_options, spool_quota);
    EXPECT_TRUE(message.append(body));
    queue_envelope(backend, recipients);
    std::string last;
    for (unsigned i = 0; i < recipients + 1; ++i) {
      last = next(backend);
      if (last.starts_with("lost")) return last;
    }
    backend.queue(smtp::SendData{});
    last = next(backend);
    if (!last.starts_with("data 354")) return last;
    backend.set_message({.prepended = "Received: by us\r\n", .body = &message, .id = "id"});
    backend.queue(smtp::SendBody{});
    return next(backend);
  }

  testing::TempDir directory;
  spool::Options spool_options{.directory = directory.path()};
  spool::Quota spool_quota;
  testing::Loop loop;
  net::Worker resolver{"resolver", 1, 4};
  net::Connector connector{loop.context, loop.wheel, resolver};
};

inline const testing::Script kHello = {
    testing::say("220 backend ready"), testing::hear("EHLO mx.example.org"),
    testing::say("250-backend\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 8BITMIME")};
inline const testing::Script kTransaction = {testing::hear("MAIL FROM:<a@example.net>"),
                                             testing::hear("RCPT TO:<u0@example.org>"),
                                             testing::say("250 2.1.0 ok"),
                                             testing::say("250 2.1.5 ok"),
                                             testing::hear("DATA"),
                                             testing::say("354 go on"),
                                             testing::hear_body(),
                                             testing::say("250 2.0.0 queued")};

}  // namespace anechoic::smtp_client
