// SPDX-License-Identifier: Apache-2.0
// The DNS by libunbound: one context with one thread of its own for the whole process, its results handed over by one
// io_context ("home") to those that asked. Aliases are followed, answers validated if a trust anchor is given, and
// failures are told apart from absence; libunbound's own cache is shared by all.
//
// A question whose deadline passes is answered Timeout; libunbound goes on with it, and what it finds is in its cache
// when somebody asks again. Such questions count as open until libunbound has done with them; over the bound new ones
// are answered TemporaryFailure at once. A resolver that has heard nothing for some questions grants the next ones a
// second each, until an answer comes: while the DNS is down, nobody waits long for it.
//
// Lifetime: `home` outlives Unbound; the io_context and the wheel of a resolver outlive that resolver. Resolvers may
// outlive Unbound: when it goes, their open questions are answered, and all later ones, with TemporaryFailure.
// Threads: Unbound goes on home's thread, or when nothing runs home; resolver() from any; a resolver on the thread of
// its io_context, or when nothing runs that. Errors: Syntax (of the options), Io (files), Exhausted; what to do is in
// the text.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "auth/lookup/resolver.h"
#include "base/result.h"
#include "outside/net/deadline.h"

namespace anechoic::dns {

struct UnboundOptions {
  struct Stub {
    std::string zone;
    std::vector<std::string> servers{};  // address[@port], authoritative for the zone
  };
  // Recursive servers that all questions go to: address[@port]. None: those of resolv_conf.
  std::vector<std::string> servers{};
  // Where servers stand when none are named here. Empty: ask the authoritative servers, from the root's on.
  std::string resolv_conf = "/etc/resolv.conf";
  std::vector<Stub> stubs{};
  // DS or DNSKEY records as in a master file, e.g. /usr/share/dns/root.key. Empty: nothing is validated.
  std::string trust_anchor_file{};
  std::size_t open_questions = 1'000;  // of all threads together
  // A server that does not answer is asked again after its usual time, doubled each time, up to this.
  std::chrono::milliseconds most_between_tries{3'000};
  std::size_t cache_octets = std::size_t{8} * 1024 * 1024;  // of libunbound's two caches, each
};

class Unbound {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Unbound>> start(boost::asio::io_context& home,
                                                              const UnboundOptions& options);
  ~Unbound();
  Unbound(const Unbound&) = delete;
  Unbound& operator=(const Unbound&) = delete;

  // For the questions of one thread. A Cache belongs in front of it.
  [[nodiscard]] std::unique_ptr<auth::Resolver> resolver(boost::asio::io_context& context, net::DeadlineWheel& wheel);

  [[nodiscard]] std::size_t open() const;  // questions that libunbound has not answered

 private:
  class Pump;
  explicit Unbound(std::shared_ptr<Pump> pump) : pump_(std::move(pump)) {}
  std::shared_ptr<Pump> pump_;
};

}  // namespace anechoic::dns
