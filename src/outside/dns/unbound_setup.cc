// SPDX-License-Identifier: Apache-2.0
#include "outside/dns/unbound_setup.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/ascii.h"
#include "base/ip.h"

namespace anechoic::dns {

namespace {

constexpr std::chrono::seconds kFailureTtl{30};  // RFC 2308 7: at most five minutes; a Cache shortens it
constexpr std::size_t kMostDetail = 300;

Result<void> check_server(std::string_view text) {
  const std::size_t at = text.find('@');
  const bool has_port = at != std::string_view::npos;
  const auto port = has_port ? ascii::parse_number<std::uint16_t>(text.substr(at + 1)) : std::uint16_t{53};
  if (!ip::parse_address(text.substr(0, at)) || !port || *port == 0) {
    return fail(Errc::Syntax, "'" + std::string(text) +
                                  "' is no DNS server; write an address, and a port behind @ if it is not 53, e.g. "
                                  "192.0.2.53 or 2001:db8::53@5353");
  }
  return {};
}

Result<void> check(const UnboundOptions& options) {
  for (const std::string& server : options.servers) {
    if (auto good = check_server(server); !good) return good;
  }
  for (const auto& [zone, servers] : options.stubs) {
    if (!Name::parse(zone)) return fail(Errc::Syntax, "'" + zone + "' is no domain name; a stub zone has one");
    if (servers.empty()) return fail(Errc::Syntax, "stub zone '" + zone + "' has no servers; name at least one");
    for (const std::string& server : servers) {
      if (auto good = check_server(server); !good) return good;
    }
  }
  for (const std::string& file : {options.trust_anchor_file, options.resolv_conf}) {
    const bool used = file == options.trust_anchor_file || options.servers.empty();
    if (!used || file.empty() || access(file.c_str(), R_OK) == 0) continue;
    return fail_errno("cannot read " + file, errno);
  }
  return {};
}

// What differs from libunbound's defaults, which are made for programs that ask now and then.
void tune(ub_ctx* context, const UnboundOptions& options) {
  const std::string cache = std::to_string(options.cache_octets);
  const std::string open = std::to_string(options.open_questions + 1);
  const std::string rtt = std::to_string(options.most_between_tries.count());
  const std::pair<const char*, std::string> settings[] = {
      {"msg-cache-size:", cache},
      {"rrset-cache-size:", cache},
      {"num-queries-per-thread:", open},
      {"outgoing-range:", "256"},  // sockets, one for each question on its way
      {"outgoing-num-tcp:", "32"},
      {"infra-cache-max-rtt:", rtt},
      // A server that has not answered is given up until libunbound forgets that. One name whose servers are slow is
      // enough for a resolver that is asked seldom, so it is forgotten at once: strangers choose the names.
      {"infra-host-ttl:", "1"},
      {"infra-keep-probing:", "yes"},
      {"rrset-roundrobin:", "no"},
      {"cache-max-ttl:", "86400"},
      // Answers of libunbound's own about names of private networks would hide those of the site's servers.
      {"unblock-lan-zones:", "yes"},
  };
  // Each is an improvement only; a libunbound that does not know it works without.
  for (const auto& [name, value] : settings) ub_ctx_set_option(context, name, value.c_str());
}

Result<void> failed(int status, std::string_view what) {
  if (status == 0) return {};
  const bool file = status == UB_READFILE;
  return fail(file ? Errc::Io : Errc::Exhausted,
              "libunbound: " + std::string(what) + ": " + std::string(ub_strerror(status)));
}

Result<void> set_servers(ub_ctx* context, const UnboundOptions& options) {
  for (const std::string& server : options.servers) {
    if (auto done = failed(ub_ctx_set_fwd(context, server.c_str()), "server " + server); !done) return done;
  }
  for (const auto& [zone, servers] : options.stubs) {
    for (const std::string& server : servers) {
      auto done = failed(ub_ctx_set_stub(context, zone.c_str(), server.c_str(), 0), "stub zone " + zone);
      if (!done) return done;
    }
  }
  if (options.servers.empty() && !options.resolv_conf.empty()) {
    const int status = ub_ctx_resolvconf(context, options.resolv_conf.c_str());
    if (auto done = failed(status, options.resolv_conf); !done) return done;
  }
  if (options.trust_anchor_file.empty()) return {};
  return failed(ub_ctx_add_ta_file(context, options.trust_anchor_file.c_str()), options.trust_anchor_file);
}

void forget(void* /*data*/, int /*error*/, ub_result* result) {
  ub_resolve_free(result);
}

auth::SharedAnswer failure(std::string detail) {
  detail.resize(std::min(detail.size(), kMostDetail));
  return std::make_shared<const auth::Answer>(auth::Answer{
      .found = auth::Found::TemporaryFailure, .records = {}, .ttl = kFailureTtl, .detail = std::move(detail)});
}

std::string rcode_text(int rcode) {
  switch (rcode) {
    case 1:
      return "FORMERR";
    case 2:
      return "SERVFAIL";
    case 4:
      return "NOTIMP";
    case 5:
      return "REFUSED";
    default:
      return "RCODE " + std::to_string(rcode);
  }
}

}  // namespace

Result<UnboundContext> make_context(const UnboundOptions& options) {
  if (auto good = check(options); !good) return Failure(good.error());
  UnboundContext context(ub_ctx_create());
  if (!context) return fail_errno("libunbound", errno);
  tune(context.get(), options);
  if (auto set = set_servers(context.get(), options); !set) return Failure(set.error());
  if (auto done = failed(ub_ctx_async(context.get(), 1), "its thread"); !done) return Failure(done.error());
  // The first question makes libunbound read the settings; this one it answers itself.
  const int status =
      ub_resolve_async(context.get(), "localhost.", static_cast<int>(Type::A), 1, nullptr, forget, nullptr);
  if (status != 0) {
    return fail(Errc::Syntax, std::string("libunbound cannot start: ") + ub_strerror(status) +
                                  (options.trust_anchor_file.empty()
                                       ? std::string()
                                       : "; does " + options.trust_anchor_file + " hold DS or DNSKEY records?"));
  }
  // libunbound says of itself that names in it do not exist; a site's servers, and a laboratory's, may know better.
  ub_ctx_zone_remove(context.get(), "test.");
  return context;
}

auth::SharedAnswer answer_of(Type type, int error, const ub_result* result) {
  if (error != 0 || result == nullptr) return failure(ub_strerror(error));
  if (result->bogus != 0) {
    return failure(std::string("bogus: ") + (result->why_bogus == nullptr ? "not validated" : result->why_bogus));
  }
  constexpr int kNoError = 0;
  constexpr int kNoSuchName = 3;
  if (result->rcode != kNoError && result->rcode != kNoSuchName) return failure(rcode_text(result->rcode));
  auto answer = std::make_shared<auth::Answer>();
  answer->authentic = result->secure != 0;
  answer->ttl = std::chrono::seconds(std::max(result->ttl, 0));
  if (result->havedata == 0) {
    answer->found = result->nxdomain != 0 ? auth::Found::NoSuchName : auth::Found::NoRecords;
    return answer;
  }
  for (std::size_t i = 0; result->data[i] != nullptr; ++i) {
    auto record = parse_rdata(type, {result->data[i], static_cast<std::size_t>(result->len[i])});
    if (record) answer->records.push_back(std::move(*record));
  }
  if (answer->records.empty()) return failure("no record of the answer can be read");
  answer->found = auth::Found::Records;
  return answer;
}

}  // namespace anechoic::dns
