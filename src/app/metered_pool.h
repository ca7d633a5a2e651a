// SPDX-License-Identifier: Apache-2.0
// A pool of backend connections whose waits are measured.   Threads: those of the pool behind it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "observe/metrics.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::app {

class MeteredPool final : public smtp_client::BackendPool {
 public:
  // `kept`: what the pool refers to and must not die before it.
  MeteredPool(std::shared_ptr<smtp_client::BackendPool> pool, const observe::BackendMetrics& metrics,
              std::shared_ptr<const void> kept)
      : kept_(std::move(kept)), pool_(std::move(pool)), metrics_(metrics) {}

  [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<smtp_client::Backend>>> acquire(
      const std::vector<std::string>& avoid) override;
  void release(std::unique_ptr<smtp_client::Backend> backend) override;
  [[nodiscard]] smtp::Capabilities common_capabilities() const override { return pool_->common_capabilities(); }

 private:
  std::shared_ptr<const void> kept_;
  std::shared_ptr<smtp_client::BackendPool> pool_;
  const observe::BackendMetrics& metrics_;
};

}  // namespace anechoic::app
