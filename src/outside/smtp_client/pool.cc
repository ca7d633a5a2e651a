// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/pool.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace anechoic::smtp_client {

Pool::Pool(net::Connector& connector, net::DeadlineWheel& wheel, std::shared_ptr<Group> group)
    : Deadline(wheel), connector_(connector), wheel_(wheel), group_(std::move(group)) {}

Pool::~Pool() {
  close_idle();
}

unsigned Pool::round_of(std::size_t index, const std::vector<std::string>& avoid, SteadyTime now) const {
  if (std::ranges::find(avoid, group_->endpoints()[index].url) != avoid.end()) return 2;
  return group_->is_backed_off(index, now) ? 1 : 0;
}

net::Task<Result<std::unique_ptr<Backend>>> Pool::acquire(const std::vector<std::string>& avoid) {
  // The way of nearly all messages: the first endpoint, a kept connection.
  if (avoid.empty()) {
    if (std::unique_ptr<Connection> kept = take_idle(0)) co_return kept;
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<unsigned> rounds;
  for (std::size_t i = 0; i < group_->endpoints().size(); ++i) rounds.push_back(round_of(i, avoid, now));
  std::optional<Error> first_error;
  for (unsigned round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < rounds.size(); ++i) {
      if (rounds[i] != round) continue;
      if (std::unique_ptr<Connection> kept = take_idle(i)) co_return kept;
      Result<std::unique_ptr<Connection>> made = co_await connect(i);
      if (made) co_return std::move(*made);
      if (!first_error) first_error = std::move(made.error());
    }
  }
  co_return std::unexpected(std::move(*first_error));
}

net::Task<Result<std::unique_ptr<Connection>>> Pool::connect(std::size_t index) {
  Result<std::unique_ptr<Connection>> made = co_await Connection::open(connector_, wheel_, group_, index);
  if (made) {
    group_->succeeded(index, (*made)->capabilities());
  } else {
    group_->failed(index, std::chrono::steady_clock::now());
  }
  co_return made;
}

std::unique_ptr<Connection> Pool::take_idle(std::size_t index) {
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (idle_[i]->index() != index) continue;
    std::unique_ptr<Connection> kept = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!kept->is_dead()) return kept;
  }
  return nullptr;
}

void Pool::release(std::unique_ptr<Backend> backend) {
  // REQUIRES: acquire() gave it.
  std::unique_ptr<Connection> connection(static_cast<Connection*>(backend.release()));
  if (!connection) return;
  if (!connection->reusable() || idle_.size() >= group_->options().idle_connections) return connection->part();
  connection->idle_until = std::chrono::steady_clock::now() + group_->options().idle_time;
  if (!armed()) arm(connection->idle_until);
  idle_.push_back(std::move(connection));
}

void Pool::expired() {
  const SteadyTime now = std::chrono::steady_clock::now();
  SteadyTime next = SteadyTime::max();
  std::erase_if(idle_, [&](const std::unique_ptr<Connection>& connection) {
    if (connection->idle_until > now) {
      next = std::min(next, connection->idle_until);
      return false;
    }
    connection->part();
    return true;
  });
  arm(next);
}

net::Task<std::vector<Result<smtp::Capabilities>>> Pool::learn() {
  std::vector<Result<smtp::Capabilities>> learnt;
  for (std::size_t i = 0; i < group_->endpoints().size(); ++i) {
    Result<std::unique_ptr<Connection>> made = co_await connect(i);
    if (made) {
      learnt.emplace_back((*made)->capabilities());
      release(std::move(*made));
    } else {
      learnt.emplace_back(std::unexpected(std::move(made.error())));
    }
  }
  co_return learnt;
}

void Pool::close_idle() {
  for (const std::unique_ptr<Connection>& connection : idle_) connection->part();
  idle_.clear();
}

}  // namespace anechoic::smtp_client
