// SPDX-License-Identifier: Apache-2.0
#include "outside/net/certificate_watch.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "outside/net/deferred.h"

namespace anechoic::net {

Result<std::shared_ptr<CertificateWatch>> CertificateWatch::open(const std::string& certificate_file,
                                                                 const std::string& key_file) {
  std::shared_ptr<CertificateWatch> watch(new CertificateWatch(certificate_file, key_file));
  const Result<bool> loaded = watch->check();
  if (!loaded) return std::unexpected(loaded.error());
  return watch;
}

std::shared_ptr<const TlsContext> CertificateWatch::current() const {
  const std::scoped_lock lock(mutex_);
  return context_;
}

Result<bool> CertificateWatch::check() {
  // The stamps are taken before the files are read: a change in between is then seen at the next check.
  const Stamp certificate = stamp_of(certificate_file_);
  const Stamp key = stamp_of(key_file_);
  {
    const std::scoped_lock lock(mutex_);
    if (certificate == certificate_stamp_ && key == key_stamp_ && context_ != nullptr) return false;
    certificate_stamp_ = certificate;
    key_stamp_ = key;
  }
  Result<std::shared_ptr<const TlsContext>> made = TlsContext::server(certificate_file_, key_file_);
  if (!made) return std::unexpected(std::move(made.error()));
  const std::scoped_lock lock(mutex_);
  context_ = std::move(*made);
  return true;
}

CertificateWatch::Stamp CertificateWatch::stamp_of(const std::string& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

boost::asio::awaitable<void> watch_certificate(std::shared_ptr<CertificateWatch> watch, Worker& worker,
                                               std::chrono::seconds period, CertificateReport report) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  while (true) {
    timer.expires_after(period);
    const auto [error] = co_await timer.async_wait(kDeferred);
    if (error) co_return;
    std::move_only_function<Result<bool>()> job = [watch] { return watch->check(); };
    const Result<bool> checked = co_await worker.run<bool>(std::move(job));
    if (!checked || *checked) report(checked);
  }
}

}  // namespace anechoic::net
