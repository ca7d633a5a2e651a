// SPDX-License-Identifier: Apache-2.0
// `anechoic sign`: a message with its DKIM signature.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/cli.h"
#include "app/config/values.h"
#include "app/message_file.h"
#include "auth/dkim/sign.h"
#include "base/clock.h"

namespace anechoic::app {

namespace {

using auth::dkim::Canonicalization;

struct SignArguments {
  std::string message;
  std::vector<std::string> keys;
  std::vector<std::string> selectors;
  std::string domain;
  std::string algorithm;
  std::string canonicalization = "relaxed/relaxed";
  std::string expire;
  std::string identity;
};

Result<std::vector<auth::dkim::SigningKey>> read_keys(const SignArguments& arguments) {
  if (arguments.keys.size() != arguments.selectors.size())
    return fail(Errc::Syntax, "--key and --selector belong together: each key has one selector");
  std::vector<auth::dkim::SigningKey> keys;
  for (std::size_t i = 0; i < arguments.keys.size(); ++i) {
    auto key = crypto::PrivateKey::read_file(arguments.keys[i]);
    if (!key) return Failure(key.error());
    const std::string_view makes = key->type() == crypto::KeyType::Rsa ? "rsa-sha256" : "ed25519-sha256";
    if (!arguments.algorithm.empty() && arguments.algorithm != makes)
      return fail(Errc::Syntax, arguments.keys[i] + ": this key makes " + std::string(makes) + " signatures, not " +
                                    arguments.algorithm);
    keys.push_back({.domain = arguments.domain,
                    .selector = arguments.selectors[i],
                    .key = std::make_shared<const crypto::PrivateKey>(std::move(*key)),
                    .from = {}});
  }
  return keys;
}

Result<auth::dkim::SignOptions> read_options(const SignArguments& arguments) {
  const auto word = [](std::string_view text) {
    return text == "simple" ? Canonicalization::Simple : Canonicalization::Relaxed;
  };
  const std::size_t slash = arguments.canonicalization.find('/');
  auth::dkim::SignOptions options;
  options.header = word(std::string_view(arguments.canonicalization).substr(0, slash));
  options.body = word(std::string_view(arguments.canonicalization).substr(slash + 1));
  options.identity = arguments.identity;
  if (!arguments.expire.empty()) {
    const auto duration = config::parse_duration(arguments.expire);
    if (!duration) return fail(duration.error().code, "--expire: " + duration.error().detail);
    options.expire = std::chrono::floor<std::chrono::seconds>(*duration);
    if (options.expire->count() < 1) return fail(Errc::Syntax, "--expire: one second is the least");
  }
  return options;
}

Result<std::string> signatures_of(const SignArguments& arguments, const std::string& message) {
  auto keys = read_keys(arguments);
  if (!keys) return Failure(keys.error());
  auto options = read_options(arguments);
  if (!options) return Failure(options.error());
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
  auth::dkim::Signer signer(header, std::move(*keys), std::move(*options), SystemClock().wall());
  signer.feed(std::string_view(message).substr(header.body_offset()));
  return signer.finish();
}

int sign(const SignArguments& arguments, Console& console) {
  const auto bytes = read_message_file(arguments.message);
  const auto fields = bytes ? signatures_of(arguments, with_mail_line_ends(*bytes)) : Failure(bytes.error());
  if (!fields) {
    console.err << fields.error().detail << '\n';
    return kCouldNotRun;
  }
  // Lines end as the message's own do; what is signed are the line ends of mail.
  const std::size_t line = bytes->find('\n');
  const bool crlf = line != std::string::npos && line > 0 && (*bytes)[line - 1] == '\r';
  for (const char c : *fields) {
    if (crlf || c != '\r') console.out << c;
  }
  console.out << *bytes << std::flush;
  return console.out ? kFine : kCouldNotRun;
}

}  // namespace

void add_sign(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("sign", "Prints a message with its DKIM signature");
  command->footer(
      "Example: anechoic sign --key s2026.pem --domain example.org --selector s2026 message.eml > signed.eml\n"
      "`anechoic keys` makes the key. With --key and --selector given twice there are two signatures, rsa and ed25519\n"
      "for example. Signed are the fields that people see and those that steer how a message is shown; none of From,\n"
      "To, Cc, Subject, Date, Reply-To, Message-ID and Content-Type can be added afterwards.");
  auto arguments = std::make_shared<SignArguments>();
  command->add_option("MESSAGE", arguments->message, "A file with one message; - is standard input")->required();
  command->add_option("--key", arguments->keys, "Files with a private key (PEM, mode 0600)")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--selector", arguments->selectors, "The name of the key in the DNS (s=)")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--domain", arguments->domain, "The domain that signs (d=)")->required();
  command->add_option("--algorithm", arguments->algorithm, "What the signature must be; the key decides otherwise")
      ->check(CLI::IsMember({"rsa-sha256", "ed25519-sha256"}));
  command->add_option("--canonicalization", arguments->canonicalization, "Of header and body")
      ->check(CLI::IsMember({"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"}))
      ->capture_default_str();
  command->add_option("--expire", arguments->expire,
                      "When the signature ends, from now on, as 7d (x=); never otherwise");
  command->add_option("--identity", arguments->identity, "The user or agent that it is made for (i=)");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Console& console) { return sign(*arguments, console); }; });
}

}  // namespace anechoic::app
