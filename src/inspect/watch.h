// SPDX-License-Identifier: Apache-2.0
// What a guard keeps of one transaction: for guards that begin at MAIL, see the message, or have something to say at
// its end. Made by Guard::watch().
//
// Called in this order: contribute_rcpt() any number of times, content() in pieces, headers() and contribute_end()
// once. `done` is called exactly once, at once or later on the same thread, unless the Cancel is called or the Watch is
// gone. Threads: one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/evidence.h"
#include "inspect/header_facts.h"
#include "judge/verdict/facts.h"

namespace anechoic::inspect {

class Watch {
 public:
  using Done = std::move_only_function<void()>;
  using Cancel = std::move_only_function<void()>;  // empty: nothing to cancel

  virtual ~Watch() = default;
  // Adds to `facts` (alive until done or cancelled). The default has nothing to add.
  [[nodiscard]] virtual Cancel contribute_rcpt(const judge::Ruleset& /*ruleset*/, judge::Facts& /*facts*/, Done done) {
    done();
    return {};
  }
  // The message's octets as they come; line ends CRLF, dots un-stuffed.
  virtual void content(std::string_view /*bytes*/) {}
  virtual void headers(const HeaderFacts& /*facts*/) {}
  [[nodiscard]] virtual Cancel contribute_end(judge::Facts& /*facts*/, Done done) {
    done();
    return {};
  }
  // There is no more time: what contribute_end() has not found out is unknown because of that.
  virtual void give_up(judge::Facts& /*facts*/, const std::string& /*because*/) {}
  // What is known of the sender so far; null: nobody looked.
  [[nodiscard]] virtual std::shared_ptr<const auth::Evidence> evidence() const { return nullptr; }
};

}  // namespace anechoic::inspect
