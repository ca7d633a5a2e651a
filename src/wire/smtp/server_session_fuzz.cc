// SPDX-License-Identifier: Apache-2.0
// The whole session: the first octets choose the settings, the rest is what a client sends.
#include <algorithm>

#include "base/ascii.h"
#include "testing/fuzz_input.h"
#include "testing/scripted_owner.h"

namespace {

using namespace anechoic;
using testing::require;
using testing::ScriptedOwner;

enum class Chunks : std::uint8_t { Whole, Octets };

ScriptedOwner run(const smtp::ServerOptions& options, std::string_view text, std::uint8_t answers,
                  ScriptedOwner::Order order, Chunks chunks) {
  smtp::ServerSession session(std::make_shared<const smtp::ServerOptions>(options));
  ScriptedOwner owner;
  owner.order = order;
  owner.rule = [&](const std::string& question) -> std::optional<smtp::Reply> {
    // The same question always has the same answer.
    std::uint32_t hash = answers;
    for (const char c : question) hash = hash * 31U + static_cast<unsigned char>(c);
    if (answers == 0 || hash % 4U != 0) return std::nullopt;
    constexpr std::uint16_t kCodes[] = {550, 450, 554, 421};
    return smtp::Reply{kCodes[hash / 4U % (answers > 127 ? 4U : 3U)], {}, "no"};
  };
  session.greet({220, {}, "x"});
  owner.drive(session);
  const std::size_t piece = chunks == Chunks::Whole ? text.size() : 1;
  for (std::size_t i = 0; i < text.size(); i += piece) {
    session.feed(text.substr(i, piece));
    owner.drive(session);
  }
  require(owner.broken.empty(), owner.broken);
  return owner;
}

// Returns how many replies there are.
std::size_t check_replies(std::string_view output) {
  std::size_t replies = 0;
  std::string_view open;  // the code of a reply that goes on
  while (!output.empty()) {
    const std::size_t end = output.find("\r\n");
    require(end != std::string_view::npos && end < 511 && end > 3, "whole lines");
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(end + 2);
    require(std::ranges::none_of(line, ascii::is_control), "no controls");
    require(std::ranges::all_of(line.substr(0, 3), ascii::is_digit), "a code");
    require(open.empty() || line.starts_with(open), "one code a reply");
    require(line[3] == ' ' || line[3] == '-', "a blank or a hyphen");
    open = line[3] == '-' ? line.substr(0, 3) : std::string_view();
    if (open.empty()) ++replies;
  }
  require(open.empty(), "whole replies");
  return replies;
}

bool contains(std::string_view text, std::string_view word) {
  return !std::ranges::search(text, word, {}, ascii::to_lower, ascii::to_lower).empty();
}

// Without bodies and TLS each line has one reply; a bad one may have it before its end.
void check_one_reply_a_line(const ScriptedOwner& owner, std::string_view text) {
  if (owner.closed || contains(text, "data") || contains(text, "bdat") || contains(text, "starttls")) return;
  std::size_t lines = 0;
  std::size_t rest = 0;
  for (std::size_t at = text.find("\r\n"); at != std::string_view::npos; at = text.find("\r\n", rest)) {
    ++lines;
    rest = at + 2;
  }
  const std::string_view tail = text.substr(rest);
  const bool early = tail.contains('\n') || tail.size() >= 4096;
  require(check_replies(owner.output) == 1 + lines + (early ? 1 : 0), "one reply a line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t flags = testing::take_octet(text);
  const std::uint8_t answers = testing::take_octet(text);
  smtp::ServerOptions options;
  options.bare_newline = (flags & 1U) != 0 ? smtp::BareNewline::Normalize : smtp::BareNewline::Reject;
  options.starttls = (flags & 2U) != 0;
  options.xclient = (flags & 4U) != 0;
  options.xforward = (flags & 8U) != 0;
  options.offer_smtputf8 = (flags & 16U) != 0;
  if ((flags & 32U) != 0) options.message_size = 64;
  if ((flags & 64U) != 0) options.recipients = 2;
  if ((flags & 128U) != 0) options.hard_errors = 3;

  const ScriptedOwner whole = run(options, text, answers, ScriptedOwner::Order::AtOnce, Chunks::Whole);
  check_replies(whole.output);
  check_one_reply_a_line(whole, text);
  const ScriptedOwner late = run(options, text, answers, ScriptedOwner::Order::Reversed, Chunks::Whole);
  require(late.output == whole.output && late.events == whole.events && late.messages == whole.messages,
          "the order of answers does not matter");
  const ScriptedOwner slow = run(options, text, answers, ScriptedOwner::Order::AtOnce, Chunks::Octets);
  check_replies(slow.output);
  // What is pipelined where it must not be is seen only if it has come.
  const bool synchronised = std::ranges::none_of(whole.events, [](const std::string& event) {
    return event == "closed early-talker" || event == "closed pipelined-tls";
  });
  if (synchronised) {
    require(slow.output == whole.output && slow.events == whole.events && slow.messages == whole.messages,
            "the pieces do not matter");
  }
  return 0;
}
