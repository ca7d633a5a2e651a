// SPDX-License-Identifier: Apache-2.0
#include "doors/gateway/server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <vector>

#include "doors/gateway/replies.h"
#include "judge/verdict/reasons.h"

namespace anechoic::gateway {

namespace reasons = judge::reasons;

struct Server::Offer {
  std::shared_ptr<const Setup> setup;
  std::uint64_t size = 0;
  bool eightbitmime = false;
  bool smtputf8 = false;
  bool normalize = false;
  bool xclient = false;
  bool xforward = false;

  friend bool operator==(const Offer&, const Offer&) = default;
};

Server::Server(boost::asio::io_context& context, Services services, std::shared_ptr<const Setup> setup)
    : context_(context), services_(std::move(services)), setup_(std::move(setup)) {}

Server::~Server() = default;

void Server::use(std::shared_ptr<const Setup> setup) {
  setup_ = std::move(setup);
  last_offer_.reset();
}

void Server::accept(net::Socket socket, const ip::Endpoint& remote) {
  if (shutting_down_) return;
  net::Quota::Unit unit;
  // Clients behind a proxy are counted one by one when it has named them.
  if (!ip::contains(setup_->options->proxy_from, remote.address)) {
    auto taken = services_.connections.take(remote.address);
    if (!taken) {
      services_.observer.turned_away(reasons::kTooManyConnections);
      const std::string farewell = smtp::to_wire(replies::too_many_connections());
      boost::system::error_code ignored;
      socket.non_blocking(true, ignored);
      socket.send(boost::asio::buffer(farewell), 0, ignored);  // a fresh socket takes one line, or the client is gone
      return;
    }
    unit = std::move(*taken);
  }
  auto offers = [this](const std::shared_ptr<const Setup>& with, const ip::Address& client) {
    return session_options(with, client);
  };
  auto connection =
      std::make_shared<Connection>(services_, setup_, std::move(offers), std::move(unit), std::move(socket), remote);
  boost::asio::co_spawn(context_, serve(std::move(connection)), boost::asio::detached);
}

boost::asio::awaitable<void> Server::serve(std::shared_ptr<Connection> connection) {
  connections_.insert(connection.get());
  services_.observer.opened();
  co_await connection->run();
  connections_.erase(connection.get());
  services_.observer.closed();
}

void Server::shut_down() {
  shutting_down_ = true;
  const std::vector<Connection*> open(connections_.begin(), connections_.end());
  for (Connection* connection : open) connection->shut_down();
}

// Options are shared by all sessions that are offered the same, so that an idle session does not carry its own.
std::shared_ptr<const smtp::ServerOptions> Server::session_options(const std::shared_ptr<const Setup>& setup,
                                                                   const ip::Address& client) {
  const Options& options = *setup->options;
  Offer offer{
      setup,
      options.session.message_size,
      options.session.offer_8bitmime,
      options.session.offer_smtputf8,
      options.session.bare_newline == smtp::BareNewline::Normalize || ip::contains(options.normalize_from, client),
      ip::contains(options.xclient_from, client),
      ip::contains(options.xforward_from, client)};
  for (const auto& pool : setup->pools) {
    const smtp::Capabilities can = pool->common_capabilities();
    if (can.size && *can.size > 0) offer.size = offer.size == 0 ? *can.size : std::min(offer.size, *can.size);
    offer.eightbitmime = offer.eightbitmime && can.eightbitmime;
    offer.smtputf8 = offer.smtputf8 && can.smtputf8;
  }
  if (last_offer_ && *last_offer_ == offer) return last_options_;

  auto made = std::make_shared<smtp::ServerOptions>(options.session);
  made->hostname = setup->ruleset->hostname;
  made->message_size = offer.size;
  made->offer_8bitmime = offer.eightbitmime;
  made->offer_smtputf8 = offer.smtputf8;
  made->bare_newline = offer.normalize ? smtp::BareNewline::Normalize : smtp::BareNewline::Reject;
  made->starttls = setup->tls != nullptr;
  made->xclient = offer.xclient;
  made->xforward = offer.xforward;
  last_offer_ = std::make_unique<Offer>(offer);
  last_options_ = std::move(made);
  return last_options_;
}

}  // namespace anechoic::gateway
