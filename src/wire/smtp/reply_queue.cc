// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply_queue.h"

#include <algorithm>

namespace anechoic::smtp {

ReplyQueue::Slot& ReplyQueue::append() {
  if (used_ == slots_.size()) {
    std::ranges::rotate(slots_, slots_.begin() + head_);
    head_ = 0;
    slots_.resize(slots_.empty() ? 1 : std::min(slots_.size() * 4, limits::kOpenQuestions));
  }
  ++used_;
  return slot(used_ - 1U);
}

void ReplyQueue::ask(std::uint32_t id) {
  Slot& fresh = append();
  fresh.id = id;
  fresh.open = true;
  fresh.closes = false;
  fresh.wire.clear();
  ++open_;
}

void ReplyQueue::push(const Reply& reply, bool utf8) {
  Slot& fresh = append();
  fresh.open = false;
  fresh.closes = reply.code == 421;
  fresh.wire.clear();
  append_wire(fresh.wire, reply, utf8);
}

void ReplyQueue::pop() {
  head_ = static_cast<std::uint16_t>((head_ + 1U) % slots_.size());
  --used_;
}

void ReplyQueue::flush(std::string& out) {
  while (used_ > 0 && !slot(0).open && !closing_) {
    out += slot(0).wire;
    closing_ = slot(0).closes;
    pop();
  }
}

ReplyQueue::Answered ReplyQueue::answer(std::uint32_t id, const Reply& reply, bool utf8, std::string& out) {
  std::size_t index = 0;
  while (index < used_ && !(slot(index).open && slot(index).id == id)) ++index;
  if (index == used_) return Answered::Unknown;
  --open_;
  if (index > 0) {
    Slot& later = slot(index);
    later.open = false;
    later.closes = reply.code == 421;
    append_wire(later.wire, reply, utf8);
    return Answered::Taken;
  }
  append_wire(out, reply, utf8);
  closing_ = reply.code == 421;
  pop();
  flush(out);
  return Answered::Taken;
}

}  // namespace anechoic::smtp
