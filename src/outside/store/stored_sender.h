// SPDX-License-Identifier: Apache-2.0
// Who really sent a message, as the journal keeps it: the member `sender` of a row's details.
//
//   {"checks":[["spf","fail","elsewhere.example","-all"],["dkim","pass","example.com","selector s1, rsa-sha256"],...],
//    "proved":[["a@example.com","from","dkim","example.com"]],
//    "not_proved":[["b@example.net","reverse-path","no","spf softfail"]]}
//
// Bounded: the first signatures and addresses only, texts cut.   Threads: values.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "auth/evidence.h"

namespace anechoic::store {

struct StoredSender {
  struct Check {
    std::string method;  // spf, helo, dkim, dmarc, arc
    std::string result;  // RFC 8601's words
    std::string domain;
    std::string detail;
    friend bool operator==(const Check&, const Check&) = default;
  };
  struct Proved {
    std::string address;
    std::string place;
    std::string by;
    std::string domain;
    friend bool operator==(const Proved&, const Proved&) = default;
  };
  struct NotProved {
    std::string address;
    std::string place;
    std::string value;  // no, unknown
    std::string because;
    friend bool operator==(const NotProved&, const NotProved&) = default;
  };
  std::vector<Check> checks;
  std::vector<Proved> proved;
  std::vector<NotProved> not_proved;
  friend bool operator==(const StoredSender&, const StoredSender&) = default;
};

[[nodiscard]] StoredSender stored(const auth::Evidence& evidence);
[[nodiscard]] nlohmann::json encode_sender(const StoredSender& sender);
// What can't be read is left out.
[[nodiscard]] StoredSender decode_sender(const nlohmann::json& json);
// What it takes in memory, roughly.
[[nodiscard]] std::uint64_t octets_of(const auth::Evidence& evidence);

}  // namespace anechoic::store
