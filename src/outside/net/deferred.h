// SPDX-License-Identifier: Apache-2.0
// The completion token of this room: awaited without a coroutine frame of its own, unlike use_awaitable, and without
// exceptions.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace anechoic::net {

inline constexpr auto kDeferred = boost::asio::as_tuple(boost::asio::deferred);

}  // namespace anechoic::net
