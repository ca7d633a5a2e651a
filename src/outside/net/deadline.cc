// SPDX-License-Identifier: Apache-2.0
#include "outside/net/deadline.h"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

namespace anechoic::net {

namespace asio = boost::asio;

struct DeadlineWheel::State {
  // 512 slots of 100 ms: what lies further away than 51 s is met once a turn and stays where it is.
  static constexpr std::uint64_t kSlots = 512;

  explicit State(asio::io_context& context) : timer(context), start(std::chrono::steady_clock::now()) {}

  asio::steady_timer timer;
  SteadyTime start;
  std::uint64_t done = 0;   // the last tick looked through
  std::uint64_t armed = 0;  // how many
  bool ticking = false;
  std::array<Deadline*, kSlots> slots{};
  Deadline* due = nullptr;  // taken out of their slot, not yet called

  [[nodiscard]] std::uint64_t ticks_at(SteadyTime when) const {
    return when <= start ? 0 : static_cast<std::uint64_t>((when - start) / kTick);
  }

  void link(Deadline& deadline) {
    const std::uint64_t tick = std::max(ticks_at(deadline.at_) + 1, done + 1);
    push(slots[tick % kSlots], deadline);
  }

  static void push(Deadline*& head, Deadline& deadline) {
    deadline.next_ = head;
    deadline.link_ = &head;
    if (head != nullptr) head->link_ = &deadline.next_;
    head = &deadline;
  }

  static void unlink(Deadline& deadline) {
    *deadline.link_ = deadline.next_;
    if (deadline.next_ != nullptr) deadline.next_->link_ = deadline.link_;
    deadline.next_ = nullptr;
    deadline.link_ = nullptr;
  }

  void start_ticking() {
    if (ticking) return;
    ticking = true;
    done = ticks_at(std::chrono::steady_clock::now());
    schedule();
  }

  void schedule() {
    timer.expires_at(start + (done + 1) * kTick);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) tick();
    });
  }

  void tick() {
    const SteadyTime now = std::chrono::steady_clock::now();
    const std::uint64_t last = ticks_at(now);
    // After a stall of more than a turn every slot is looked through once.
    if (last > done + kSlots) done = last - kSlots;
    while (done < last) {
      ++done;
      look_through(slots[done % kSlots], now);
    }
    // expired() may destroy any Deadline, also one that stands in `due`; so the head is read anew each time.
    while (due != nullptr) {
      Deadline& deadline = *due;
      unlink(deadline);
      deadline.armed_ = false;
      --armed;
      deadline.expired();
    }
    ticking = armed != 0;
    if (ticking) schedule();
  }

  void look_through(Deadline*& slot, SteadyTime now) {
    Deadline* deadline = slot;
    while (deadline != nullptr) {
      Deadline* next = deadline->next_;
      if (deadline->at_ <= now) {
        unlink(*deadline);
        push(due, *deadline);
      } else if ((std::max(ticks_at(deadline->at_) + 1, done + 1)) % kSlots != done % kSlots) {
        unlink(*deadline);
        link(*deadline);
      }
      deadline = next;
    }
  }
};

Deadline::~Deadline() {
  disarm();
}

void Deadline::arm(SteadyTime at) {
  if (at == SteadyTime::max()) return disarm();
  DeadlineWheel::State& wheel = *wheel_.state_;
  if (armed_ && at >= at_) {
    at_ = at;
    return;
  }
  at_ = at;
  wheel.start_ticking();
  if (armed_) {
    DeadlineWheel::State::unlink(*this);
  } else {
    armed_ = true;
    ++wheel.armed;
  }
  wheel.link(*this);
}

void Deadline::disarm() {
  if (!armed_) return;
  DeadlineWheel::State::unlink(*this);
  armed_ = false;
  --wheel_.state_->armed;
}

DeadlineWheel::DeadlineWheel(asio::io_context& context) : state_(std::make_unique<State>(context)) {}

DeadlineWheel::~DeadlineWheel() {
  const auto disarm_all = [](Deadline* head) {
    while (head != nullptr) {
      Deadline& deadline = *head;
      head = deadline.next_;
      State::unlink(deadline);
      deadline.armed_ = false;
    }
  };
  for (Deadline* head : state_->slots) disarm_all(head);
  disarm_all(state_->due);
}

}  // namespace anechoic::net
