// SPDX-License-Identifier: Apache-2.0
// The server's TLS context, made anew when its files change, without a restart. Sessions keep the one they began with.
//
// Errors: files that can't be used leave the old context in use and are reported once for each change.
// Threads: any.
#pragma once

#include <sys/stat.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "outside/net/tls.h"
#include "outside/net/worker.h"

namespace anechoic::net {

class CertificateWatch {
 public:
  // Fails if the files can't be used at all.
  [[nodiscard]] static Result<std::shared_ptr<CertificateWatch>> open(const std::string& certificate_file,
                                                                      const std::string& key_file);

  [[nodiscard]] std::shared_ptr<const TlsContext> current() const;

  // Looks at the files; true = a new context is in use, an error = they changed, but can't be used. Blocks on the disk.
  [[nodiscard]] Result<bool> check();

 private:
  // What of a file changes when somebody writes or replaces it.
  struct Stamp {
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  [[nodiscard]] static Stamp stamp_of(const std::string& file);

  CertificateWatch(const std::string& certificate_file, const std::string& key_file)
      : certificate_file_(certificate_file), key_file_(key_file) {}

  const std::string certificate_file_;
  const std::string key_file_;
  mutable std::mutex mutex_;  // of what follows
  Stamp certificate_stamp_;
  Stamp key_stamp_;
  std::shared_ptr<const TlsContext> context_;
};

// Checks every `period`, on the Worker, until the executor's context stops; `report` hears of reloads (true) and
// errors, on the io_context.
using CertificateReport = std::function<void(const Result<bool>&)>;
[[nodiscard]] boost::asio::awaitable<void> watch_certificate(std::shared_ptr<CertificateWatch> watch, Worker& worker,
                                                             std::chrono::seconds period, CertificateReport report);

}  // namespace anechoic::net
