// SPDX-License-Identifier: Apache-2.0
// A pool of backend connections whose waits are measured, and which raises the alarm `backend-down` while none can be
// had.   Threads: those of the pool behind it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/alarms.h"
#include "observe/metrics.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::app {

class MeteredPool final : public smtp_client::BackendPool {
 public:
  // `name`: the backend's, in the settings. `kept`: what the pool refers to and must not die before it.
  MeteredPool(std::string name, std::shared_ptr<smtp_client::BackendPool> pool, const observe::BackendMetrics& metrics,
              Alarms& alarms, std::shared_ptr<const void> kept)
      : name_(std::move(name)), kept_(std::move(kept)), pool_(std::move(pool)), metrics_(metrics), alarms_(alarms) {}

  [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<smtp_client::Backend>>> acquire(
      const std::vector<std::string>& avoid) override;
  void release(std::unique_ptr<smtp_client::Backend> backend) override;
  [[nodiscard]] smtp::Capabilities common_capabilities() const override { return pool_->common_capabilities(); }

 private:
  std::string name_;
  std::shared_ptr<const void> kept_;
  std::shared_ptr<smtp_client::BackendPool> pool_;
  const observe::BackendMetrics& metrics_;
  Alarms& alarms_;
};

}  // namespace anechoic::app
