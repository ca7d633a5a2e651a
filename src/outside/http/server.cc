// SPDX-License-Identifier: Apache-2.0
#include "outside/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "outside/net/stream.h"

namespace anechoic::http {

namespace asio = boost::asio;
namespace beast = boost::beast::http;

namespace {

using Request = beast::request_parser<beast::empty_body>;

Page error_page(beast::status status) {
  const auto reason = beast::obsolete_reason(status);
  return {.status = static_cast<unsigned>(status), .body = std::string(reason.data(), reason.size()) + '\n'};
}

std::string wire(const Page& page, bool head, bool keep_alive) {
  beast::response<beast::string_body> response;
  response.version(11);
  response.result(page.status);
  response.set(beast::field::content_type, page.content_type);
  response.set(beast::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.content_length(page.body.size());
  response.keep_alive(keep_alive);
  if (!head) response.body() = page.body;
  std::ostringstream out;
  out << response;
  return std::move(out).str();
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(net::DeadlineWheel& deadlines, Options given, Pages what)
      : wheel(deadlines), options(given), pages(std::move(what)) {}

  net::Task<void> accept() {
    const auto self = shared_from_this();
    for (;;) {
      Result<net::Accepted> accepted = co_await listener->accept();
      if (!accepted) co_return;
      auto stream = std::make_shared<net::Stream>(std::move(accepted->socket), wheel);
      const auto executor = stream->executor();
      asio::co_spawn(executor, serve(std::move(stream)), asio::detached);
    }
  }

  // What is in `input` of a request, with more read until it is whole. An error page on a bad one, nothing when the
  // client is gone.
  net::Task<std::optional<Page>> read_request(net::Stream& stream, std::string& input, Request& request) {
    request.header_limit(options.header_octets);
    request.body_limit(0);
    request.eager(true);
    const SteadyTime deadline = std::chrono::steady_clock::now() + options.request_time;
    for (;;) {
      if (!input.empty()) {
        boost::system::error_code error;
        const std::size_t used = request.put(asio::buffer(input), error);
        input.erase(0, used);
        if (error == beast::error::header_limit) co_return error_page(beast::status::request_header_fields_too_large);
        if (error == beast::error::body_limit) co_return error_page(beast::status::payload_too_large);
        if (error && error != beast::error::need_more) co_return error_page(beast::status::bad_request);
        if (request.is_done()) co_return Page{};
      }
      const Result<std::string_view> bytes = co_await stream.receive(deadline);
      if (!bytes) co_return std::nullopt;
      input += *bytes;
    }
  }

  Page answer(const Request& request) const {
    const auto method = request.get().method();
    if (method != beast::verb::get && method != beast::verb::head) return error_page(beast::status::method_not_allowed);
    const auto target = request.get().target();
    std::string_view path(target.data(), target.size());
    path = path.substr(0, path.find('?'));
    if (auto page = pages(path)) return std::move(*page);
    return error_page(beast::status::not_found);
  }

  net::Task<void> serve(std::shared_ptr<net::Stream> stream) {
    const auto self = shared_from_this();
    streams.insert(stream.get());
    const bool full = streams.size() > options.connections;
    std::string input;
    for (unsigned i = 0; i < options.requests; ++i) {
      Request request;
      std::optional<Page> page;
      if (full) {
        page = error_page(beast::status::service_unavailable);
      } else {
        page = co_await read_request(*stream, input, request);
      }
      if (!page) break;
      const bool good = page->status == 200;
      if (good) page = answer(request);
      const bool keep = good && request.get().keep_alive() && i + 1 < options.requests;
      const std::string bytes = wire(*page, good && request.get().method() == beast::verb::head, keep);
      const Result<void> sent = co_await stream->send(bytes, std::chrono::steady_clock::now() + options.request_time);
      if (!sent || !keep) break;
    }
    stream->shut_down();
    streams.erase(stream.get());
  }

  net::DeadlineWheel& wheel;
  const Options options;
  const Pages pages;
  std::unique_ptr<net::Listener> listener;
  std::unordered_set<net::Stream*> streams;
};

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(asio::io_context& context, net::DeadlineWheel& wheel,
                                              const net::ListeningSocket& socket, Options options, Pages pages) {
  auto state = std::make_shared<State>(wheel, options, std::move(pages));
  auto listener = net::Listener::make(context, socket);
  if (!listener) return std::unexpected(listener.error());
  state->listener = std::move(*listener);
  asio::co_spawn(context, state->accept(), asio::detached);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::stop() {
  if (state_->listener) state_->listener->close();
  for (net::Stream* stream : state_->streams) stream->close();
}

}  // namespace anechoic::http
