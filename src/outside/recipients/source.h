// SPDX-License-Identifier: Apache-2.0
// One recipient source as the Directory asks it: a file, a probe of the backend. Shared by all threads.
//
// find() answers at once, from memory. When it says Wait, wait() calls `ready` once, on any thread and maybe at once;
// then find() is asked again. Answers are about the address as given; what may be made of them (modes, several sources,
// catch-all) is the Directory's and decide()'s business.   Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "judge/verdict/ruleset.h"
#include "mail/address.h"
#include "wire/smtp/reply.h"

namespace anechoic::recipients {

struct SourceAnswer {
  enum class Kind : std::uint8_t {
    Exists,
    Absent,
    AcceptsAll,  // R9
    Down,        // it can't tell; `because` says why
    Nothing,     // it works and knows nothing of the address yet: the live RCPT will tell (R10a)
    Wait,        // it will know soon
  };
  Kind kind = Kind::Nothing;
  bool stale = false;  // Exists: an old answer, for the source is down (R8)
  bool exact = false;  // Exists: that very address is listed (R1)
  std::string because;
};

// What a source has to say of an address, for `anechoic recipients show`.
struct SourceReport {
  std::string source;
  std::string type;  // "file", "probe"
  judge::RecipientMode mode = judge::RecipientMode::Observe;
  SourceAnswer answer;
  std::optional<WallTime> asked_at;                          // of a cached answer
  std::optional<WallTime> expires;                           // ... and until when it is used
  std::vector<std::pair<std::string, std::string>> details;  // name and value, for people
};

// Something that the operator should look at; `over`: it is well again. Told once for each change, from any thread.
struct Alarm {
  std::string source;
  std::string text;
  bool over = false;
};
using AlarmSink = std::function<void(const Alarm&)>;

class Source {
 public:
  Source(std::string name, judge::RecipientMode mode) : name_(std::move(name)), mode_(mode) {}
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] judge::RecipientMode mode() const { return mode_; }

  [[nodiscard]] virtual SourceAnswer find(const mail::Mailbox& mailbox) = 0;
  virtual void wait(const mail::Mailbox& mailbox, std::move_only_function<void()> ready) = 0;
  // A live answer of the backend to RCPT.
  virtual void learn(const mail::Mailbox& mailbox, const smtp::Reply& live) = 0;
  [[nodiscard]] virtual SourceReport show(const mail::Mailbox& mailbox) = 0;
  // Drops what is cached of the address; false: there was nothing.
  virtual bool forget(const mail::Mailbox& mailbox) = 0;

 private:
  const std::string name_;
  const judge::RecipientMode mode_;
};

}  // namespace anechoic::recipients
