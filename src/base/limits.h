// SPDX-License-Identifier: Apache-2.0
// The bounds that no setting can lift. Settable bounds are members of the Options of the room that applies them.
#pragma once

#include <cstddef>

namespace anechoic::limits {

inline constexpr std::size_t kLocalPart = 64;  // octets; RFC 5321 4.5.3.1.1
inline constexpr std::size_t kDomain = 255;    // octets; RFC 5321 4.5.3.1.2
inline constexpr std::size_t kPath =
    256;  // octets with < and >; RFC 5321 4.5.3.1.3 (source routes: up to kCommandLine)
inline constexpr std::size_t kCommandLine = 4096;  // octets with CRLF; 512 in RFC 5321 4.5.3.1.4, extensions raise it
inline constexpr std::size_t kReplyLine = 512;     // octets with CRLF, what we send; RFC 5321 4.5.3.1.5
inline constexpr std::size_t kReplyLineAccepted = 4096;  // octets with CRLF, what we take from a backend
inline constexpr std::size_t kReplyLines = 128;          // lines of one reply of a backend
inline constexpr std::size_t kOpenQuestions = 32;        // RCPT questions open at once in one session
inline constexpr std::size_t kHeaderBytes = 256 * 1024;  // of a message's header block that is kept for judging
inline constexpr std::size_t kJudgedBytes = 256 * 1024;  // of a message that the classifier is shown
inline constexpr std::size_t kReceivedFields = 100;      // RFC 5321 6.3
inline constexpr std::size_t kOwnReceivedFields = 3;     // our own name in "by"

}  // namespace anechoic::limits
