// SPDX-License-Identifier: Apache-2.0
#include "app/metered_pool.h"

#include <optional>
#include <utility>

#include "judge/verdict/reasons.h"

namespace anechoic::app {

namespace {

class MeteredBackend final : public smtp_client::Backend {
 public:
  MeteredBackend(std::unique_ptr<smtp_client::Backend> backend, const observe::BackendMetrics& metrics)
      : backend_(std::move(backend)), metrics_(metrics), counted_(metrics.connections) {}

  [[nodiscard]] const smtp::Capabilities& capabilities() const override { return backend_->capabilities(); }
  [[nodiscard]] const std::string& endpoint() const override { return backend_->endpoint(); }
  void queue(const smtp::BackendCommand& command) override {
    asked_ = std::chrono::steady_clock::now();
    backend_->queue(command);
  }
  void set_message(const smtp_client::Message& message) override { backend_->set_message(message); }
  [[nodiscard]] boost::asio::awaitable<smtp::BackendEvent> next_event() override {
    smtp::BackendEvent event = co_await backend_->next_event();
    const auto took = std::chrono::steady_clock::now() - asked_;
    if (std::holds_alternative<smtp::RcptReply>(event)) metrics_.rcpt_time.observe(took);
    if (std::holds_alternative<smtp::FinalReplies>(event)) metrics_.end_of_data_time.observe(took);
    co_return event;
  }
  [[nodiscard]] bool reusable() const override { return backend_->reusable(); }

  [[nodiscard]] std::unique_ptr<smtp_client::Backend> unwrap() { return std::move(backend_); }

 private:
  std::unique_ptr<smtp_client::Backend> backend_;
  const observe::BackendMetrics& metrics_;
  observe::Counted counted_;
  SteadyTime asked_{};
};

}  // namespace

boost::asio::awaitable<Result<std::unique_ptr<smtp_client::Backend>>> MeteredPool::acquire(
    const std::vector<std::string>& avoid) {
  const SteadyTime begun = std::chrono::steady_clock::now();
  auto backend = co_await pool_->acquire(avoid);
  metrics_.acquire_time.observe(std::chrono::steady_clock::now() - begun);
  if (!backend) {
    metrics_.acquire_failures.add();
    alarms_.raise(judge::reasons::kBackendDown, name_, backend.error().detail);
    co_return std::unexpected(backend.error());
  }
  metrics_.acquired.add();
  alarms_.over(judge::reasons::kBackendDown, name_, "a connection could be had");
  std::unique_ptr<smtp_client::Backend> metered = std::make_unique<MeteredBackend>(std::move(*backend), metrics_);
  co_return metered;
}

void MeteredPool::release(std::unique_ptr<smtp_client::Backend> backend) {
  // Only what acquire() gave comes back.
  auto& metered = static_cast<MeteredBackend&>(*backend);
  pool_->release(metered.unwrap());
}

}  // namespace anechoic::app
