// SPDX-License-Identifier: Apache-2.0
// Which command may come when, and where it leads if it is accepted: the dialogue of the server at a glance.
//
// Commands that are not offered at all (EXPN, AUTH, unknown ones) are not in the table: they are refused everywhere and
// lead nowhere. A refused command leaves the phase as it was.   Threads: constants.      RFC 5321 4.1.4, 3030 2, 3207 4
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "wire/smtp/command.h"

namespace anechoic::smtp {

enum class Phase : std::uint8_t {
  Unborn,     // the greeting has not been given
  Refused,    // the greeting was 554: only QUIT is obeyed
  Connected,  // greeted; EHLO is awaited
  Ready,      // between transactions
  HaveMail,   // MAIL accepted
  HaveRcpt,   // and at least one RCPT
  Chunks,     // at least one BDAT accepted, the last one not come
  Data,       // the body runs to its lone dot
  Chunk,      // the octets of a BDAT run
  Handshake,  // 220 to STARTTLS was given
};
inline constexpr std::size_t kPhases = 10;
inline constexpr std::size_t kVerbs = static_cast<std::size_t>(Verb::Unknown) + 1;

struct Transition {
  Verb verb;
  Phase from;
  Phase to;
};

inline constexpr auto kTransitions = std::to_array<Transition>({
    {Verb::Ehlo, Phase::Connected, Phase::Ready},
    {Verb::Ehlo, Phase::Ready, Phase::Ready},  // RFC 5321 4.1.4: a second EHLO resets as RSET does
    {Verb::Ehlo, Phase::HaveMail, Phase::Ready},
    {Verb::Ehlo, Phase::HaveRcpt, Phase::Ready},
    {Verb::Ehlo, Phase::Chunks, Phase::Ready},
    {Verb::Helo, Phase::Connected, Phase::Ready},
    {Verb::Helo, Phase::Ready, Phase::Ready},
    {Verb::Helo, Phase::HaveMail, Phase::Ready},
    {Verb::Helo, Phase::HaveRcpt, Phase::Ready},
    {Verb::Helo, Phase::Chunks, Phase::Ready},

    {Verb::Mail, Phase::Ready, Phase::HaveMail},
    {Verb::Rcpt, Phase::HaveMail, Phase::HaveRcpt},
    {Verb::Rcpt, Phase::HaveRcpt, Phase::HaveRcpt},
    {Verb::Data, Phase::HaveRcpt, Phase::Data},
    {Verb::Bdat, Phase::HaveRcpt, Phase::Chunk},
    {Verb::Bdat, Phase::Chunks, Phase::Chunk},  // RFC 3030 2: neither DATA nor RCPT may come between chunks

    {Verb::Rset, Phase::Connected, Phase::Connected},
    {Verb::Rset, Phase::Ready, Phase::Ready},
    {Verb::Rset, Phase::HaveMail, Phase::Ready},
    {Verb::Rset, Phase::HaveRcpt, Phase::Ready},
    {Verb::Rset, Phase::Chunks, Phase::Ready},

    {Verb::Noop, Phase::Connected, Phase::Connected},
    {Verb::Noop, Phase::Ready, Phase::Ready},
    {Verb::Noop, Phase::HaveMail, Phase::HaveMail},
    {Verb::Noop, Phase::HaveRcpt, Phase::HaveRcpt},
    {Verb::Noop, Phase::Chunks, Phase::Chunks},
    {Verb::Help, Phase::Connected, Phase::Connected},
    {Verb::Help, Phase::Ready, Phase::Ready},
    {Verb::Help, Phase::HaveMail, Phase::HaveMail},
    {Verb::Help, Phase::HaveRcpt, Phase::HaveRcpt},
    {Verb::Help, Phase::Chunks, Phase::Chunks},
    {Verb::Vrfy, Phase::Connected, Phase::Connected},
    {Verb::Vrfy, Phase::Ready, Phase::Ready},
    {Verb::Vrfy, Phase::HaveMail, Phase::HaveMail},
    {Verb::Vrfy, Phase::HaveRcpt, Phase::HaveRcpt},
    {Verb::Vrfy, Phase::Chunks, Phase::Chunks},

    {Verb::Quit, Phase::Refused, Phase::Refused},
    {Verb::Quit, Phase::Connected, Phase::Connected},
    {Verb::Quit, Phase::Ready, Phase::Ready},
    {Verb::Quit, Phase::HaveMail, Phase::HaveMail},
    {Verb::Quit, Phase::HaveRcpt, Phase::HaveRcpt},
    {Verb::Quit, Phase::Chunks, Phase::Chunks},

    {Verb::StartTls, Phase::Ready, Phase::Handshake},
    {Verb::StartTls, Phase::HaveMail, Phase::Handshake},  // RFC 3207 4.2: all that was said is forgotten
    {Verb::StartTls, Phase::HaveRcpt, Phase::Handshake},
    {Verb::Xclient, Phase::Ready, Phase::Connected},
    {Verb::Xforward, Phase::Ready, Phase::Ready},
});

// Where an accepted command leads; nullopt: it may not come in this phase.
[[nodiscard]] constexpr std::optional<Phase> next_phase(Verb verb, Phase from) {
  constexpr auto kNext = [] {
    std::array<std::array<std::int8_t, kPhases>, kVerbs> next{};
    for (auto& row : next) row.fill(-1);
    for (const Transition& transition : kTransitions) {
      next[static_cast<std::size_t>(transition.verb)][static_cast<std::size_t>(transition.from)] =
          static_cast<std::int8_t>(transition.to);
    }
    return next;
  }();
  const std::int8_t to = kNext[static_cast<std::size_t>(verb)][static_cast<std::size_t>(from)];
  if (to < 0) return std::nullopt;
  return static_cast<Phase>(to);
}

static_assert(!next_phase(Verb::Mail, Phase::Connected), "EHLO comes first");
static_assert(!next_phase(Verb::Mail, Phase::HaveMail), "transactions do not nest");
static_assert(!next_phase(Verb::Rcpt, Phase::Ready));
static_assert(!next_phase(Verb::Data, Phase::HaveMail), "no body without a recipient");
static_assert(!next_phase(Verb::Data, Phase::Chunks), "DATA and BDAT do not mix");
static_assert(!next_phase(Verb::Rcpt, Phase::Chunks));
static_assert(!next_phase(Verb::StartTls, Phase::Connected));
static_assert([] {  // within a body, before the greeting and in the handshake no command is read
  for (const Transition& transition : kTransitions) {
    for (const Phase phase : {Phase::Unborn, Phase::Data, Phase::Chunk, Phase::Handshake}) {
      if (transition.from == phase) return false;
    }
  }
  return true;
}());

}  // namespace anechoic::smtp
