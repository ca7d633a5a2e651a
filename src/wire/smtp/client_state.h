// SPDX-License-Identifier: Apache-2.0
// The inside of ClientSession, shared by its two halves: client_session.cc (commands, what the owner calls) and
// client_replies.cc (what a reply means at each step). Threads: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/smtp/body_stuffer.h"
#include "wire/smtp/client_session.h"
#include "wire/smtp/reply_reader.h"

namespace anechoic::smtp {

// What the next reply answers.
enum class Step : std::uint8_t { Greeting, Ehlo, Helo, StartTls, Xforward, Mail, Rcpt, Data, Final, Reset, Quit };

// A queue that gives its storage back when it is empty and was large.
template <typename T>
class Fifo {
 public:
  void push(T item) { items_.push_back(std::move(item)); }
  [[nodiscard]] bool empty() const { return head_ == items_.size(); }
  [[nodiscard]] T& front() { return items_[head_]; }
  [[nodiscard]] const T& back() const { return items_.back(); }
  T pop() {
    T item = std::move(items_[head_++]);
    if (empty()) clear();
    return item;
  }
  void clear() {
    constexpr std::size_t kKept = 256;  // octets
    items_.clear();
    head_ = 0;
    if (items_.capacity() * sizeof(T) > kKept) items_.shrink_to_fit();
  }

 private:
  std::vector<T> items_;
  std::size_t head_ = 0;
};

struct ClientSession::State {
  enum class Phase : std::uint8_t { Opening, Handshake, Ready, Over };
  struct Waiting {
    Step step;
    std::string line;
  };

  explicit State(std::shared_ptr<const ClientOptions> with) : options(std::move(with)) {
    expected.push(Step::Greeting);
  }

  std::shared_ptr<const ClientOptions> options;
  Phase phase = Phase::Opening;
  bool in_tls = false;
  bool in_body = false;   // 354 came, the final dot is not written
  bool touched = false;   // the backend has a transaction, or identity for one
  unsigned accepted = 0;  // recipients of the transaction; LMTP sends a final reply for each
  unsigned finals_missing = 0;
  Capabilities capabilities;
  ReplyReader reader;
  BodyStuffer stuffer;
  std::string output;
  Fifo<Step> expected;    // replies to what was written
  Fifo<Waiting> waiting;  // commands that may not be written yet
  Fifo<ClientEvent> events;
  std::vector<Reply> finals;
  ClientEvent end;  // Lost or NotReady, once Over

  [[nodiscard]] bool may_write() const {
    if (in_body || !waiting.empty()) return false;
    if (expected.empty()) return true;
    // DATA ends a group of pipelined commands, and nothing stands between the final dot and its reply (RFC 2920 3.1).
    const Step last = expected.back();
    return capabilities.pipelining && last != Step::Data && last != Step::Final && last != Step::Quit;
  }
  // Writes the line, or keeps it until it may be written.
  void command(Step step, std::string line);
  void write_waiting();
  void say_hello();

  void input(std::string_view bytes);
  void over(Errc code, std::string_view what, std::optional<Reply> reply = std::nullopt);

  void on_reply(Step step, Reply reply);
  void on_opening_reply(Step step, Reply reply);
  void on_greeting(Reply reply);
  void on_hello(Step step, Reply reply);
  void on_start_tls(Reply reply);
  void become_ready();
  void refused(std::string_view what, Reply reply);
  void on_data(Reply reply);
  void on_final(Reply reply);
};

}  // namespace anechoic::smtp
