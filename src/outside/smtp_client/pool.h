// SPDX-License-Identifier: Apache-2.0
// The connections of one thread to the backends of one group.
//
// Idle ones are kept (Options: how many, how long, how many messages each) and the latest used is given first; before
// that it is looked at, so that one which the backend has closed is not given. A connection that dies just after that
// is Lost at its first event, and the Relay asks for another. Endpoints are tried in the operator's order; what is
// backed off (group.h) or to be avoided comes last. Threads: its io_context. Lifetime: outlives the Backends it gave
// and the coroutines in acquire().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "outside/net/connector.h"
#include "outside/net/deadline.h"
#include "outside/smtp_client/backend.h"
#include "outside/smtp_client/connection.h"
#include "outside/smtp_client/group.h"

namespace anechoic::smtp_client {

class Pool final : public BackendPool, private net::Deadline {
 public:
  Pool(net::Connector& connector, net::DeadlineWheel& wheel, std::shared_ptr<Group> group);
  ~Pool() override;

  [[nodiscard]] net::Task<Result<std::unique_ptr<Backend>>> acquire(const std::vector<std::string>& avoid) override;
  void release(std::unique_ptr<Backend> backend) override;
  [[nodiscard]] smtp::Capabilities common_capabilities() const override { return group_->common_capabilities(); }

  // Connects to every endpoint once, so that common_capabilities() knows them; the connections are kept. One result for
  // each endpoint, in order. For start-up and `check`.
  [[nodiscard]] net::Task<std::vector<Result<smtp::Capabilities>>> learn();
  [[nodiscard]] std::size_t idle_connections() const { return idle_.size(); }
  void close_idle();

 private:
  void expired() override;  // an idle connection's time is over
  [[nodiscard]] std::unique_ptr<Connection> take_idle(std::size_t index);
  [[nodiscard]] net::Task<Result<std::unique_ptr<Connection>>> connect(std::size_t index);
  // The endpoints to be tried, in three rounds: sound, backed off, avoided.
  [[nodiscard]] unsigned round_of(std::size_t index, const std::vector<std::string>& avoid, SteadyTime now) const;

  net::Connector& connector_;
  net::DeadlineWheel& wheel_;
  std::shared_ptr<Group> group_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the latest used last
};

}  // namespace anechoic::smtp_client
