// SPDX-License-Identifier: Apache-2.0
// What one load of the configuration is made into, for all threads: backends, recipient sources, certificate. A reload
// makes a new one and takes over from the old what has not changed, so that connections, caches and lists stay.
// Threads: made on any (it reads files); immutable afterwards.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/config/load.h"
#include "app/shared.h"
#include "doors/gateway/options.h"
#include "outside/maildir/delivery.h"
#include "outside/net/certificate_watch.h"
#include "outside/recipients/address_list.h"
#include "outside/recipients/directory.h"
#include "outside/recipients/list_watcher.h"
#include "outside/recipients/prober.h"
#include "outside/smtp_client/group.h"

namespace anechoic::app {

// One of both is set.
struct BackendParts {
  std::string name;
  std::shared_ptr<smtp_client::Group> group;
  std::shared_ptr<maildir::Delivery> delivery;
};

struct Generation {
  config::Loaded loaded;
  std::shared_ptr<const gateway::Options> options;
  std::shared_ptr<net::CertificateWatch> certificate;  // null: no STARTTLS
  std::vector<BackendParts> backends;                  // by GroupId
  std::map<std::string, std::shared_ptr<recipients::Source>> sources;
  std::shared_ptr<recipients::Source> backend_itself;  // for domains without a source; null: there are none
  std::shared_ptr<const recipients::SourceTable> table;
  std::vector<std::shared_ptr<recipients::AddressList>> lists;
  std::unique_ptr<recipients::ListWatcher> watcher;

  [[nodiscard]] const config::Settings& settings() const { return loaded.settings; }
};

// `before`: null at the start. Errors: what makes the configuration of no use now (certificate, CA file, Maildir). A
// recipient file that can't be read is none: its source is down until it can.
[[nodiscard]] Result<std::shared_ptr<Generation>> make_generation(config::Loaded loaded, const Generation* before,
                                                                  Shared& shared, recipients::Prober& prober);

// Of config::Backend, for the SMTP client.
[[nodiscard]] smtp_client::Options client_options(const config::Backend& backend, const std::string& hostname);

}  // namespace anechoic::app
