// SPDX-License-Identifier: Apache-2.0
// Holds the replies to pipelined RCPTs until those before them are known, so that they leave in order.
//
// An answer to the first open question is written through, without a copy: answering at once costs no allocation.
// Bounds: kOpenQuestions questions and refusals behind them together.   Threads: none; one owner.      RFC 2920 3.2
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "wire/smtp/reply.h"

namespace anechoic::smtp {

class ReplyQueue {
 public:
  [[nodiscard]] bool empty() const { return used_ == 0; }
  [[nodiscard]] bool full() const { return used_ == limits::kOpenQuestions; }
  [[nodiscard]] std::size_t open() const { return open_; }

  // REQUIRES: not full.
  void ask(std::uint32_t id);
  // A reply that is known already, behind those that are not. REQUIRES: not full, not empty.
  void push(const Reply& reply, bool utf8);

  enum class Answered : std::uint8_t { Unknown, Taken };
  // Unknown: there is no such open question. Replies that may leave are appended to `out`, up to and with a 421.
  Answered answer(std::uint32_t id, const Reply& reply, bool utf8, std::string& out);
  // A 421 has left: nothing may follow it.
  [[nodiscard]] bool closing() const { return closing_; }

  void clear() { *this = ReplyQueue(); }
  // Gives the storage back. REQUIRES: empty.
  void release() {
    slots_ = {};
    head_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t id = 0;
    bool open = false;
    bool closes = false;
    std::string wire;
  };
  Slot& slot(std::size_t index) { return slots_[(head_ + index) % slots_.size()]; }
  Slot& append();
  void pop();
  void flush(std::string& out);

  std::vector<Slot> slots_;  // a ring; slots keep their string's storage
  std::uint16_t head_ = 0;
  std::uint16_t used_ = 0;
  std::uint16_t open_ = 0;
  bool closing_ = false;
};

}  // namespace anechoic::smtp
