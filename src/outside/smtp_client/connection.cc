// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/connection.h"

#include <chrono>
#include <utility>
#include <variant>

namespace anechoic::smtp_client {

namespace {

SteadyTime after(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace

Connection::Connection(net::Socket socket, net::DeadlineWheel& wheel, std::shared_ptr<const Group> group,
                       std::size_t index, bool without_tls)
    : stream_(std::move(socket), wheel),
      session_(group->session_options(index, without_tls)),
      group_(std::move(group)),
      index_(index) {}

net::Task<Result<std::unique_ptr<Connection>>> Connection::open(net::Connector& connector, net::DeadlineWheel& wheel,
                                                                std::shared_ptr<const Group> group, std::size_t index) {
  const Endpoint& endpoint = group->endpoints()[index];
  for (const bool without_tls : {false, true}) {
    Result<net::Socket> socket = co_await connector.connect(endpoint.destination, after(group->options().connect));
    if (!socket) co_return std::unexpected(std::move(socket.error()));
    std::unique_ptr<Connection> connection(new Connection(std::move(*socket), wheel, group, index, without_tls));
    const Opening opening = co_await connection->greet();
    if (opening == Opening::Ready) co_return connection;
    // RFC 3207 4.1: what is opportunistic goes on in the clear; over a new connection, for this one is spoilt.
    const bool again = opening == Opening::TlsFailed && group->options().tls == Tls::IfOffered && !without_tls;
    if (!again) {
      Error error = std::move(*connection->error_);
      error.detail = endpoint.url + ": " + error.detail;
      co_return std::unexpected(std::move(error));
    }
  }
  std::unreachable();
}

net::Task<Connection::Opening> Connection::greet() {
  const Options& options = group_->options();
  SteadyTime deadline = after(options.greeting);
  while (true) {
    if (session_.has_output()) {
      deadline = after(options.command);
      const std::string output = session_.take_output();
      if (Result<void> sent = co_await stream_.send(output, deadline); !sent) broken(std::move(sent.error()));
    }
    smtp::ClientEvent event = session_.next();
    if (std::holds_alternative<smtp::Ready>(event)) co_return Opening::Ready;
    if (auto* over = std::get_if<smtp::NotReady>(&event)) {
      if (!error_) error_ = std::move(over->error);
      if (over->reply) error_->detail += ": " + smtp::to_string(*over->reply);
      co_return Opening::Failed;
    }
    if (std::holds_alternative<smtp::ClientStartTls>(event)) {
      Result<void> shaken = co_await stream_.connect_tls(*group_->tls(), group_->endpoints()[index_].server_name(),
                                                         after(options.command));
      if (!shaken) {
        error_ = std::move(shaken.error());
        co_return Opening::TlsFailed;
      }
      session_.tls_started();
      continue;
    }
    Result<std::string_view> got = co_await stream_.receive(deadline);
    if (got) {
      session_.feed(*got);
    } else {
      broken(std::move(got.error()));
    }
  }
}

void Connection::queue(const smtp::BackendCommand& command) {
  if (std::holds_alternative<smtp::SendBody>(command)) {
    body_queued_ = true;
    return;
  }
  if (const auto* mail = std::get_if<smtp::SendMail>(&command)) {
    session_.send(*mail);
  } else if (const auto* rcpt = std::get_if<smtp::SendRcpt>(&command)) {
    session_.send(*rcpt);
  } else if (const auto* data = std::get_if<smtp::SendData>(&command)) {
    session_.send(*data);
  } else {
    session_.send(std::get<smtp::SendReset>(command));
  }
}

net::Task<smtp::BackendEvent> Connection::next_event() {
  if (body_queued_) {
    body_queued_ = false;
    co_await write_body();
  }
  const Options& options = group_->options();
  const SteadyTime deadline = after(awaits_final_ ? options.data_done : options.command);
  while (true) {
    if (session_.has_output()) {
      const std::string output = session_.take_output();
      const Result<std::size_t> sent = stream_.send_now(output);
      if (!sent) {
        read_last_words();
        broken(sent.error());
      } else if (*sent < output.size()) {
        Result<void> rest = co_await stream_.send(std::string_view(output).substr(*sent), deadline);
        if (!rest) broken(std::move(rest.error()));
      }
    }
    smtp::ClientEvent event = session_.next();
    if (auto* answer = std::get_if<smtp::BackendEvent>(&event)) co_return finish(std::move(*answer));
    Result<std::string_view> got = co_await stream_.receive(deadline);
    if (got) {
      session_.feed(*got);
    } else {
      broken(std::move(got.error()));
    }
  }
}

smtp::BackendEvent Connection::finish(smtp::BackendEvent event) {
  if (std::holds_alternative<smtp::FinalReplies>(event)) {
    awaits_final_ = false;
    ++messages_;
  } else if (auto* lost = std::get_if<smtp::Lost>(&event)) {
    // The session only knows that the connection ended; the stream knows why.
    if (error_) lost->error = *error_;
    lost->end_sent = end_sent_;
    lost->error.detail = endpoint() + ": " + lost->error.detail;
    spoilt_ = true;
    stream_.close();
  }
  return event;
}

void Connection::broken(Error error) {
  if (!error_) error_ = std::move(error);
  spoilt_ = true;
  session_.closed();
}

// Before it closed, the backend may have said why (421).
void Connection::read_last_words() {
  if (const Result<std::string_view> words = stream_.receive_now(); words && !words->empty()) session_.feed(*words);
}

net::Task<void> Connection::write_body() {
  std::string out = session_.body(message_.prepended);
  const std::uint64_t size = message_.body->size();
  std::uint64_t offset = 0;
  bool last = false;
  while (!last) {
    Result<std::string_view> piece = message_.body->read(offset, kPiece);
    if (!piece || (piece->size() < 2 && offset + piece->size() < size)) {
      broken(piece ? Error{Errc::Io, "the spooled body is shorter than it was"} : piece.error());
      co_return;
    }
    last = offset + piece->size() >= size;
    // So that the body may be ended after any piece (heard_early).
    if (!last && piece->ends_with('\r')) piece->remove_suffix(1);
    offset += piece->size();
    out += session_.body(*piece);
    // Small messages leave whole: header fields, body and final dot in one write.
    if (last) out += session_.end_body();
    end_sent_ = last;
    if (!co_await write_piece(out)) co_return;
    out.clear();
    if (!last && heard_early()) co_return;
  }
  awaits_final_ = true;
}

// False: nothing more of the body is to be written.
net::Task<bool> Connection::write_piece(std::string_view bytes) {
  while (true) {
    const Result<std::size_t> sent = stream_.send_now(bytes);
    if (!sent) {
      read_last_words();
      broken(sent.error());
      co_return false;
    }
    bytes.remove_prefix(*sent);
    if (bytes.empty()) co_return true;
    Result<void> ready = co_await stream_.wait_either(after(group_->options().data_block));
    if (!ready) {
      broken(std::move(ready.error()));
      co_return false;
    }
    if (heard_early()) co_return false;
  }
}

// The backend spoke or closed before it had the final dot. A refusal answers the message; whatever else it says can't
// be about it.
bool Connection::heard_early() {
  const Result<std::string_view> heard = stream_.receive_now();
  if (heard && heard->empty()) return false;
  spoilt_ = true;
  if (!heard) {
    broken(heard.error());
    return true;
  }
  const bool refusal = heard->front() == '4' || heard->front() == '5';
  const bool one_answer = group_->endpoints()[index_].protocol == smtp::Protocol::Smtp;
  if (refusal && one_answer) {
    // From here on the session takes the refusal for the final reply.
    if (!end_sent_) (void)session_.end_body();
    awaits_final_ = true;
  } else if (end_sent_) {
    // The session counts the final dot as sent, but it is not: what is said now must not pass for a yes to the message.
    broken({Errc::Syntax, "the backend answered a message that it did not have"});
    return true;
  }
  session_.feed(*heard);
  return true;
}

bool Connection::reusable() const {
  return !spoilt_ && !body_queued_ && session_.idle() && messages_ < group_->options().messages && stream_.is_open();
}

void Connection::part() {
  if (!stream_.is_open()) return;
  if (session_.idle()) {
    session_.quit();
    if (!stream_.send_now(session_.take_output())) return stream_.close();
  }
  stream_.shut_down();
  stream_.close();
}

}  // namespace anechoic::smtp_client
