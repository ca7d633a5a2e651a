// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/endpoint.h"

#include <gtest/gtest.h>

namespace anechoic::smtp_client {
namespace {

using net::TcpDestination;
using net::UnixDestination;

TEST(EndpointUrl, Good) {
  struct Case {
    std::string url;
    smtp::Protocol protocol;
    net::Destination destination;
  };
  const Case cases[] = {
      {"smtp://127.0.0.1:10025", smtp::Protocol::Smtp, TcpDestination{"127.0.0.1", 10025}},
      {"smtp://mail.example.org", smtp::Protocol::Smtp, TcpDestination{"mail.example.org", 25}},
      {"smtp://[::1]", smtp::Protocol::Smtp, TcpDestination{"::1", 25}},
      {"smtp://[2001:db8::1]:2525", smtp::Protocol::Smtp, TcpDestination{"2001:db8::1", 2525}},
      {"lmtp://localhost:24", smtp::Protocol::Lmtp, TcpDestination{"localhost", 24}},
      {"lmtp:///run/dovecot/lmtp", smtp::Protocol::Lmtp, UnixDestination{"/run/dovecot/lmtp"}},
  };
  for (const Case& c : cases) {
    const Result<Endpoint> endpoint = parse_endpoint_url(c.url);
    ASSERT_TRUE(endpoint) << endpoint.error().detail;
    EXPECT_EQ(endpoint->url, c.url);
    EXPECT_EQ(endpoint->protocol, c.protocol) << c.url;
    EXPECT_EQ(endpoint->destination, c.destination) << c.url;
  }
  EXPECT_EQ(parse_endpoint_url("smtp://mail.example.org:25")->server_name(), "mail.example.org");
  EXPECT_EQ(parse_endpoint_url("lmtp:///x")->server_name(), "");
}

TEST(EndpointUrl, BadOnesSayWhyAndWhatToWrite) {
  struct Case {
    std::string url;
    std::string says;
  };
  const Case cases[] = {
      {"", "not a kind of backend"},
      {"127.0.0.1:25", "not a kind of backend"},
      {"SMTP://127.0.0.1", "not a kind of backend"},
      {"maildir:/var/mail", "not a kind of backend"},
      {"smtp://", "the host is missing"},
      {"smtp://:25", "the host is missing"},
      {"smtp://a b:25", "no host name"},
      {"smtp://user@host:25", "no host name"},
      {"smtp://host/path", "no host name"},
      {"smtp://host:", "port"},
      {"smtp://host:0", "port"},
      {"smtp://host:65536", "port"},
      {"smtp://host:25x", "port"},
      {"smtp://host:-1", "port"},
      {"smtp://::1:25", "[brackets]"},
      {"smtp://[::1:25", "]"},
      {"smtp://[127.0.0.1]:25", "no IPv6 address"},
      {"smtp://[mail]:25", "no IPv6 address"},
      {"smtp://[::1]x", "nothing may follow"},
      {"smtp:///run/socket", "SMTP needs a host"},
      {"lmtp:///", "path"},
      {"lmtp://localhost", "must be given"},
  };
  for (const Case& c : cases) {
    const Result<Endpoint> endpoint = parse_endpoint_url(c.url);
    ASSERT_FALSE(endpoint) << c.url;
    EXPECT_EQ(endpoint.error().code, Errc::Syntax);
    EXPECT_NE(endpoint.error().detail.find(c.says), std::string::npos) << c.url << ": " << endpoint.error().detail;
    EXPECT_NE(endpoint.error().detail.find("write smtp://HOST:PORT"), std::string::npos);
  }
}

}  // namespace
}  // namespace anechoic::smtp_client
