// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/group.h"

#include <algorithm>
#include <utility>

namespace anechoic::smtp_client {

namespace {

smtp::TlsUse use_of(Tls tls, bool is_unix) {
  switch (tls) {
    case Tls::Never:
      return smtp::TlsUse::Never;
    case Tls::IfOffered:
      return is_unix ? smtp::TlsUse::Never : smtp::TlsUse::IfOffered;
    case Tls::Required:
    case Tls::Verified:
      return smtp::TlsUse::Required;
  }
  std::unreachable();
}

std::optional<std::uint64_t> common_size(std::optional<std::uint64_t> one, std::optional<std::uint64_t> other) {
  // 0 = no bound is known: any number is stricter.
  if (!one || !other) return std::nullopt;
  if (*one == 0 || *other == 0) return std::max(*one, *other);
  return std::min(*one, *other);
}

}  // namespace

smtp::Capabilities common(const smtp::Capabilities& one, const smtp::Capabilities& other) {
  smtp::Capabilities both;
  both.size = common_size(one.size, other.size);
  both.pipelining = one.pipelining && other.pipelining;
  both.eightbitmime = one.eightbitmime && other.eightbitmime;
  both.smtputf8 = one.smtputf8 && other.smtputf8;
  both.starttls = one.starttls && other.starttls;
  both.enhanced_codes = one.enhanced_codes && other.enhanced_codes;
  both.xclient = one.xclient && other.xclient;
  both.xforward = other.xforward.empty() ? std::string() : one.xforward;
  both.identity_passed = one.identity_passed && other.identity_passed;
  return both;
}

Result<std::shared_ptr<Group>> Group::make(const std::vector<std::string>& urls, Options options) {
  if (urls.empty()) return fail(Errc::Syntax, "a backend needs at least one URL in `to`");
  std::vector<Endpoint> endpoints;
  for (const std::string& url : urls) {
    Result<Endpoint> endpoint = parse_endpoint_url(url);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    if (options.tls == Tls::Verified && endpoint->is_unix()) {
      return fail(Errc::Syntax, "\"" + url +
                                    "\": a unix socket has no name that a certificate could be checked "
                                    "against; write tls = \"never\" for it");
    }
    endpoints.push_back(std::move(*endpoint));
  }
  std::shared_ptr<const net::TlsContext> tls;
  if (options.tls != Tls::Never) {
    auto made = net::TlsContext::client(options.tls == Tls::Verified, options.ca_file);
    if (!made) return std::unexpected(std::move(made.error()));
    tls = std::move(*made);
  }
  return std::shared_ptr<Group>(new Group(std::move(endpoints), std::move(options), std::move(tls)));
}

Group::Group(std::vector<Endpoint> endpoints, Options options, std::shared_ptr<const net::TlsContext> tls)
    : endpoints_(std::move(endpoints)), options_(std::move(options)), tls_(std::move(tls)), memory_(endpoints_.size()) {
  for (const Endpoint& endpoint : endpoints_) {
    smtp::ClientOptions session{.protocol = endpoint.protocol,
                                .hostname = options_.hostname,
                                .tls = use_of(options_.tls, endpoint.is_unix()),
                                .xforward = options_.xforward};
    session_options_.push_back(std::make_shared<const smtp::ClientOptions>(session));
    session.tls = smtp::TlsUse::Never;
    session_options_.push_back(std::make_shared<const smtp::ClientOptions>(session));
  }
}

std::shared_ptr<const smtp::ClientOptions> Group::session_options(std::size_t index, bool without_tls) const {
  return session_options_[2 * index + (without_tls ? 1 : 0)];
}

void Group::succeeded(std::size_t index, const smtp::Capabilities& capabilities) {
  const std::scoped_lock lock(mutex_);
  memory_[index] = {.capabilities = capabilities};
}

void Group::failed(std::size_t index, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  Memory& memory = memory_[index];
  const unsigned doublings = std::min(memory.failures, 16U);
  ++memory.failures;
  memory.retry_at = now + std::min(options_.back_off * (1U << doublings), options_.back_off_most);
}

bool Group::is_backed_off(std::size_t index, SteadyTime now) const {
  const std::scoped_lock lock(mutex_);
  const Memory& memory = memory_[index];
  return memory.failures != 0 && now < memory.retry_at;
}

smtp::Capabilities Group::common_capabilities() const {
  const std::scoped_lock lock(mutex_);
  std::optional<smtp::Capabilities> all;
  for (const Memory& memory : memory_) {
    if (!memory.capabilities) continue;
    all = all ? common(*all, *memory.capabilities) : *memory.capabilities;
  }
  return all.value_or(smtp::Capabilities{});
}

}  // namespace anechoic::smtp_client
