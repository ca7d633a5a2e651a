// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "testing/fuzz_input.h"
#include "wire/smtp/command.h"

namespace {

using namespace anechoic;
using testing::require;

void check_address(const mail::Mailbox& mailbox, bool utf8) {
  require(utf8 || !mailbox.needs_utf8(), "UTF-8 only with SMTPUTF8");
  require(std::ranges::none_of(mail::to_string(mailbox), ascii::is_control), "an address holds no controls");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = testing::as_text(data, size);
  const std::uint8_t flags = testing::take_octet(text);
  smtp::CommandRules rules;
  rules.offer_8bitmime = (flags & 1U) != 0;
  rules.offer_smtputf8 = (flags & 2U) != 0;
  rules.xclient = (flags & 4U) != 0;
  rules.xforward = (flags & 8U) != 0;
  rules.utf8_transaction = (flags & 16U) != 0;
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return 0;

  const auto command = smtp::parse_command(text, rules);
  if (!command) {
    const smtp::Reply& reply = command.error();
    require(reply.permanent() && reply.enhanced.klass == 5 && !reply.text.empty(), "a refusal says why");
    require(smtp::to_wire(reply).size() < 512, "a refusal is one line");
    return 0;
  }
  if (const auto* mail = std::get_if<smtp::MailCommand>(&*command)) {
    if (mail->path.mailbox) check_address(*mail->path.mailbox, mail->parameters.smtputf8);
    require(rules.offer_smtputf8 || !mail->parameters.smtputf8, "only what was offered");
    // Written anew, the command is the same.
    std::string again = "MAIL FROM:" + mail::to_string(mail->path);
    if (mail->parameters.smtputf8) again += " SMTPUTF8";
    const auto second = smtp::parse_command(again, rules);
    require(second && std::get<smtp::MailCommand>(*second).path == mail->path, "the path survives being written");
  } else if (const auto* rcpt = std::get_if<smtp::RcptCommand>(&*command)) {
    check_address(rcpt->path.mailbox, rules.utf8_transaction);
    const auto second = smtp::parse_command("RCPT TO:" + mail::to_string(rcpt->path), rules);
    require(second && std::get<smtp::RcptCommand>(*second).path == rcpt->path, "the path survives being written");
  } else if (const auto* helo = std::get_if<smtp::HeloCommand>(&*command)) {
    require(!helo->name.empty() && helo->name.size() <= 255, "a name within its bound");
    require(std::ranges::all_of(helo->name, [](char c) { return c > 32 && c < 127; }), "a name is printable");
  }
  return 0;
}
