// SPDX-License-Identifier: Apache-2.0
// Result<T>: the return type of everything that may fail in normal life (disk, peers, look-ups, configuration).
//
// An outcome that a protocol has a word for (a reply, a verdict, an SPF result) is a value, not an Error.
// `detail` is for logs and operators; text in it that came from a peer is escaped where it is written, never before.
// Threads: values.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace anechoic {

enum class Errc {
  Syntax,       // the bytes are not what the grammar says                 (permanent)
  Limit,        // a bound of base/limits.h or of the settings was passed  (permanent)
  NotFound,     // there is no such thing                                  (permanent)
  Refused,      // the other side said no                                  (permanent)
  Unavailable,  // the other side does not answer, or says "later"         (temporary)
  Timeout,      // a deadline passed                                       (temporary)
  Exhausted,    // a queue, pool or disk of ours is full                   (temporary)
  Io,           // the operating system said no                            (temporary)
};

// Temporary failures become 4xx towards a client, permanent ones 5xx.
[[nodiscard]] constexpr bool is_temporary(Errc code) {
  return code == Errc::Unavailable || code == Errc::Timeout || code == Errc::Exhausted || code == Errc::Io;
}

struct Error {
  Errc code = Errc::Io;
  std::string detail;  // one line, no line end

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

[[nodiscard]] inline Failure fail(Errc code, std::string detail) {
  return Failure(Error{code, std::move(detail)});
}

[[nodiscard]] std::string_view to_string(Errc code);

// `Io` with the text of errno value `error_number`, as "what: No space left on device".
[[nodiscard]] Failure fail_errno(std::string_view what, int error_number);

}  // namespace anechoic
