// SPDX-License-Identifier: Apache-2.0
// The recipients room's Prober over pooled backend connections: MAIL FROM:<>, RCPT, RSET, on one io_context.
// Threads: probe() from any; the rest on the io_context's. use() before the first probe, later ones on the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "outside/net/stream.h"
#include "outside/recipients/prober.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::app {

class PoolProber final : public recipients::Prober {
 public:
  using Pools = std::map<std::string, std::shared_ptr<smtp_client::BackendPool>, std::less<>>;  // by domain

  void use(boost::asio::io_context& context, Pools pools) {
    context_ = &context;
    pools_ = std::move(pools);
  }
  [[nodiscard]] bool busy() const { return in_flight_ > 0; }
  void probe(const mail::Mailbox& recipient, Done done) override;

  // One dialogue; the reply to RCPT.
  [[nodiscard]] static net::Task<Result<smtp::Reply>> ask(std::shared_ptr<smtp_client::BackendPool> pool,
                                                          mail::ReversePath sender, mail::Mailbox recipient);

 private:
  [[nodiscard]] net::Task<void> perform(mail::Mailbox recipient, Done done);

  boost::asio::io_context* context_ = nullptr;
  Pools pools_;
  unsigned in_flight_ = 0;
};

}  // namespace anechoic::app
