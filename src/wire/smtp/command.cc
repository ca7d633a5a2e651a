// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/command.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "wire/smtp/path.h"
#include "wire/smtp/xclient.h"

namespace anechoic::smtp {
namespace {

using Parsed = std::expected<Command, Reply>;

constexpr auto kVerbs = std::to_array<std::pair<std::string_view, Verb>>({
    {"RCPT", Verb::Rcpt},
    {"MAIL", Verb::Mail},
    {"EHLO", Verb::Ehlo},
    {"HELO", Verb::Helo},
    {"DATA", Verb::Data},
    {"BDAT", Verb::Bdat},
    {"RSET", Verb::Rset},
    {"NOOP", Verb::Noop},
    {"QUIT", Verb::Quit},
    {"VRFY", Verb::Vrfy},
    {"EXPN", Verb::Expn},
    {"HELP", Verb::Help},
    {"AUTH", Verb::Auth},
    {"STARTTLS", Verb::StartTls},
    {"XCLIENT", Verb::Xclient},
    {"XFORWARD", Verb::Xforward},
});

std::unexpected<Reply> refuse(std::uint16_t code, EnhancedCode enhanced, std::string_view text) {
  return std::unexpected(Reply{code, enhanced, std::string(text)});
}

std::unexpected<Reply> not_implemented() {
  return refuse(502, {5, 5, 1}, "Command not implemented");
}

// Calls `take(keyword, value, has_value)` for each parameter behind a path until one returns a refusal.
template <typename Take>
std::expected<void, Reply> for_each_parameter(std::string_view text, const Take& take) {
  if (!text.empty() && text.front() != ' ') {
    return refuse(501, {5, 5, 4}, "Put a blank between the address and its parameters");
  }
  for (text = ascii::trim(text); !text.empty(); text = ascii::trim(text)) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    const std::size_t equals = word.find('=');
    const bool has_value = equals != std::string_view::npos;
    const std::string_view value = has_value ? word.substr(equals + 1) : std::string_view();
    if (auto taken = take(word.substr(0, equals), value, has_value); !taken) return taken;
  }
  return {};
}

class MailParameterReader {
 public:
  explicit MailParameterReader(const CommandRules& rules) : rules_(rules) {}

  std::expected<void, Reply> take(std::string_view keyword, std::string_view value, bool has_value) {
    if (ascii::iequals(keyword, "SIZE")) return size(value);
    if (ascii::iequals(keyword, "BODY") && rules_.offer_8bitmime) return body(value);
    if (ascii::iequals(keyword, "SMTPUTF8") && rules_.offer_smtputf8) {
      if (has_value || parameters.smtputf8) return refuse(501, {5, 5, 4}, "SMTPUTF8 comes once and without a value");
      parameters.smtputf8 = true;
      return {};
    }
    return refuse(555, {5, 5, 4}, "A parameter that was not offered");
  }

  MailParameters parameters;

 private:
  std::expected<void, Reply> size(std::string_view value) {
    const auto octets = ascii::parse_number<std::uint64_t>(value);
    if (!octets || parameters.size || value.size() > 20) {
      return refuse(501, {5, 5, 4}, "SIZE comes once and with a number of octets");
    }
    parameters.size = octets;
    return {};
  }
  std::expected<void, Reply> body(std::string_view value) {
    if (parameters.body != Body::Unspecified) return refuse(501, {5, 5, 4}, "BODY comes once");
    if (ascii::iequals(value, "7BIT")) {
      parameters.body = Body::SevenBit;
    } else if (ascii::iequals(value, "8BITMIME")) {
      parameters.body = Body::EightBitMime;
    } else {
      return refuse(501, {5, 5, 4}, "BODY is 7BIT or 8BITMIME");
    }
    return {};
  }

  const CommandRules& rules_;
};

std::unexpected<Reply> needs_smtputf8() {
  return refuse(553, {5, 6, 7}, "An address beyond ASCII needs the SMTPUTF8 parameter of MAIL");
}

// What follows "FROM:" or "TO:"; nullopt if that is not there. Blanks behind the colon are common, though wrong.
std::optional<std::string_view> behind_label(std::string_view arguments, std::string_view label) {
  if (!ascii::istarts_with(arguments, label)) return std::nullopt;
  return ascii::trim(arguments.substr(label.size()));
}

Parsed parse_mail(std::string_view arguments, const CommandRules& rules) {
  const auto text = behind_label(arguments, "FROM:");
  if (!text) return refuse(501, {5, 5, 4}, "Write MAIL FROM:<user@example.org>");
  std::string_view rest = *text;
  auto path = read_reverse_path(rest);
  if (!path) return refuse(501, {5, 1, 7}, "Bad sender address: " + path.error().detail);
  MailParameterReader reader(rules);
  auto read = for_each_parameter(rest, [&](std::string_view keyword, std::string_view value, bool has_value) {
    return reader.take(keyword, value, has_value);
  });
  if (!read) return std::unexpected(std::move(read).error());
  if (path->mailbox && path->mailbox->needs_utf8() && !reader.parameters.smtputf8) return needs_smtputf8();
  return MailCommand{*std::move(path), reader.parameters};
}

Parsed parse_rcpt(std::string_view arguments, const CommandRules& rules) {
  const auto text = behind_label(arguments, "TO:");
  if (!text) return refuse(501, {5, 5, 4}, "Write RCPT TO:<user@example.org>");
  std::string_view rest = *text;
  auto path = read_forward_path(rest);
  if (!path) return refuse(501, {5, 1, 3}, "Bad recipient address: " + path.error().detail);
  if (!rest.empty()) {
    auto read = for_each_parameter(rest, [](std::string_view, std::string_view, bool) -> std::expected<void, Reply> {
      return refuse(555, {5, 5, 4}, "A parameter that was not offered");
    });
    if (!read) return std::unexpected(std::move(read).error());
  }
  if (!rules.utf8_transaction && path->mailbox.needs_utf8()) return needs_smtputf8();
  return RcptCommand{*std::move(path)};
}

Parsed parse_helo(std::string_view name, bool extended) {
  if (name.empty()) return refuse(501, {5, 5, 4}, "Say your name: EHLO mail.example.org");
  // Broken names are common with honest clients; RFC 5321 4.1.4 forbids to refuse those that only look wrong.
  if (name.size() > 255 || !std::ranges::all_of(name, [](char c) { return ascii::is_printable(c) && c != ' '; })) {
    return refuse(501, {5, 5, 4}, "Not a host name");
  }
  return HeloCommand{extended, std::string(name)};
}

Parsed parse_bdat(std::string_view arguments) {
  const std::string_view number = arguments.substr(0, arguments.find(' '));
  const std::string_view rest = ascii::trim(arguments.substr(number.size()));
  const auto octets = ascii::parse_number<std::uint64_t>(number);
  if (!octets || (!rest.empty() && !ascii::iequals(rest, "LAST"))) {
    return refuse(501, {5, 5, 4}, "Write BDAT octets or BDAT octets LAST");
  }
  return BdatCommand{*octets, !rest.empty()};
}

Parsed parse_given_identity(Verb verb, std::string_view arguments, const CommandRules& rules) {
  const bool xclient = verb == Verb::Xclient;
  if (xclient ? !rules.xclient : !rules.xforward) return not_implemented();
  auto identity = parse_identity(arguments, xclient ? IdentityCommand::Xclient : IdentityCommand::Xforward);
  if (!identity) return refuse(501, {5, 5, 4}, "Bad attributes: " + identity.error().detail);
  return IdentityGiven{verb, *std::move(identity)};
}

Parsed parse_plain(Verb verb, std::string_view arguments) {
  const bool takes_arguments = verb == Verb::Noop || verb == Verb::Help || verb == Verb::Vrfy;
  if (!takes_arguments && !arguments.empty()) return refuse(501, {5, 5, 4}, "This command takes no arguments");
  if (verb == Verb::Vrfy && arguments.empty()) return refuse(501, {5, 5, 4}, "Write VRFY user@example.org");
  return PlainCommand{verb};
}

}  // namespace

Verb find_verb(std::string_view line) {
  const std::string_view word = line.substr(0, line.find(' '));
  for (const auto& [name, verb] : kVerbs) {
    if (ascii::iequals(word, name)) return verb;
  }
  return Verb::Unknown;
}

Parsed parse_command(std::string_view line, const CommandRules& rules) {
  const Verb verb = find_verb(line);
  const std::string_view arguments = ascii::trim(line.substr(std::min(line.find(' '), line.size())));
  switch (verb) {
    case Verb::Ehlo:
    case Verb::Helo:
      return parse_helo(arguments, verb == Verb::Ehlo);
    case Verb::Mail:
      return parse_mail(arguments, rules);
    case Verb::Rcpt:
      return parse_rcpt(arguments, rules);
    case Verb::Bdat:
      return parse_bdat(arguments);
    case Verb::Xclient:
    case Verb::Xforward:
      return parse_given_identity(verb, arguments, rules);
    case Verb::Data:
    case Verb::Rset:
    case Verb::Noop:
    case Verb::Quit:
    case Verb::Vrfy:
    case Verb::Help:
    case Verb::StartTls:
      return parse_plain(verb, arguments);
    case Verb::Expn:
    case Verb::Auth:
      return not_implemented();
    case Verb::Unknown:
      return refuse(500, {5, 5, 2}, "Command not recognised");
  }
  std::unreachable();
}

}  // namespace anechoic::smtp
