// SPDX-License-Identifier: Apache-2.0
// Reads the PROXY protocol header (versions 1 and 2) that a listed load balancer puts before the dialogue.
//
// Never guessed: the caller knows that one must come, and takes nothing of the connection before it is whole.
// Where the header names no IP endpoints (LOCAL, UNKNOWN, UNSPEC, unix sockets) the connection's own are to be used.
// TLVs are skipped. Bounds: 107 octets for version 1, kMaxHeader for version 2.
// Errors: Syntax, Limit: close the connection without a word.   Threads: pure functions.
//                                                                        HAProxy, The PROXY protocol, sections 2.1, 2.2
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "base/ip.h"
#include "base/result.h"

namespace anechoic::proxy {

inline constexpr std::size_t kMaxHeader = 4096;  // octets

struct NeedMore {};
struct Header {
  bool local = false;        // no endpoints: the connection speaks for itself
  ip::Endpoint source;       // the real client
  ip::Endpoint destination;  // what it connected to
  std::size_t length = 0;    // octets of the input that the header took; the dialogue follows
};
using Decoded = std::variant<NeedMore, Header>;

// `input`: everything received so far.
[[nodiscard]] Result<Decoded> decode(std::string_view input);

}  // namespace anechoic::proxy
