// SPDX-License-Identifier: Apache-2.0
// A backend that says anything while commands are given. The first octet holds the options; after that 0x00..0x07 at
// the beginning of a piece are commands of the owner, anything else up to the next octet below 8 is input.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "testing/strict_data.h"
#include "wire/smtp/client_session.h"

using namespace anechoic::smtp;  // NOLINT: a program of its own

namespace {

// Counts the commands and their events, and holds them against the contract.
class Owner {
 public:
  explicit Owner(std::shared_ptr<const ClientOptions> options) : session_(std::move(options)) {}

  void feed(std::string_view input) {
    session_.feed(input);
    drain();
  }

  void act(std::uint8_t what) {
    switch (what) {
      case 0:
        if (handshake_) session_.tls_started();
        handshake_ = false;
        break;
      case 1:
        give(SendMail{{}, {10, Body::EightBitMime, true}, identity()});
        break;
      case 2:
        give(SendRcpt{{{"user", "example.org"}}});
        break;
      case 3:
        give(SendData{});
        break;
      case 4:
        give(SendReset{});
        break;
      case 5:
        if (in_body_) body_ += session_.body(".x\r\n");
        break;
      case 6:
        end_body();
        break;
      default:
        session_.closed();
    }
    drain();
  }

  void finish() {
    session_.closed();
    drain();
    if (!over_) std::abort();
  }

 private:
  static Identity identity() {
    Identity one;
    one.name = "a=b\r\nc";
    one.addr = "::1";
    return one;
  }

  template <typename Command>
  void give(const Command& command) {
    if (!ready_ || over_ || in_body_) return;
    session_.send(command);
    ++open_;
  }

  void end_body() {
    if (!in_body_) return;
    body_ += session_.end_body();
    if (!over_ && !testdata::read_strictly(body_)) std::abort();
    body_.clear();
    in_body_ = false;
    ++open_;
  }

  void take(const BackendEvent& event) {
    if (std::holds_alternative<Lost>(event)) {
      over_ = true;
      return;
    }
    if (!ready_ || over_ || open_ == 0) std::abort();
    --open_;
    const auto* data = std::get_if<DataReply>(&event);
    if (data != nullptr && data->reply.code == 354) in_body_ = true;
    if (data != nullptr && data->reply.positive() && data->reply.code != 354) std::abort();
    const auto* finals = std::get_if<FinalReplies>(&event);
    if (finals != nullptr && in_body_) std::abort();
  }

  void drain() {
    for (;;) {
      const ClientEvent event = session_.next();
      if (std::holds_alternative<ClientNeedInput>(event)) break;
      if (std::holds_alternative<ClientStartTls>(event)) handshake_ = true;
      if (std::holds_alternative<Ready>(event)) {
        if (ready_ || over_) std::abort();
        ready_ = true;
      }
      if (std::holds_alternative<NotReady>(event)) {
        if (ready_) std::abort();
        over_ = true;
      }
      if (const auto* of_backend = std::get_if<BackendEvent>(&event)) take(*of_backend);
      if (over_) break;
    }
    const std::string out = session_.take_output();
    if (testdata::has_bare_line_end(out) || (!out.empty() && !out.ends_with("\r\n"))) std::abort();
    if (session_.idle() && (open_ != 0 || over_ || !ready_)) std::abort();
  }

  ClientSession session_;
  bool ready_ = false;
  bool over_ = false;
  bool handshake_ = false;
  bool in_body_ = false;
  unsigned open_ = 0;
  std::string body_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto options = std::make_shared<ClientOptions>();
  options->protocol = (data[0] & 1U) != 0 ? Protocol::Lmtp : Protocol::Smtp;
  options->tls = static_cast<TlsUse>((data[0] >> 1U) % 3);
  options->xforward = (data[0] & 8U) != 0;
  Owner owner(options);
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!input.empty()) {
    if (static_cast<unsigned char>(input.front()) < 8) {
      owner.act(static_cast<std::uint8_t>(input.front()));
      input.remove_prefix(1);
      continue;
    }
    std::size_t octets = 0;
    while (octets < input.size() && static_cast<unsigned char>(input[octets]) >= 8) ++octets;
    owner.feed(input.substr(0, octets));
    input.remove_prefix(octets);
  }
  owner.finish();
  return 0;
}
