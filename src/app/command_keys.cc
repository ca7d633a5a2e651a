// SPDX-License-Identifier: Apache-2.0
// `anechoic keys`: makes a DKIM key and says what goes into the DNS.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "auth/dkim/key_record.h"
#include "auth/dkim/signature.h"
#include "crypto/private_key.h"
#include "observe/escape.h"

namespace anechoic::app {

namespace {

constexpr std::size_t kTxtString = 255;  // RFC 1035 3.3.14

struct KeysArguments {
  std::string file;
  std::string domain;
  std::string selector;
  std::string type = "rsa2048";
  bool show = false;
  bool json = false;
};

// A line of a master file; the record's text has no quotes or backslashes.                           RFC 1035 5.1
std::string zone_lines(const std::string& name, std::string_view record) {
  std::string text = name + ". IN TXT (";
  for (; !record.empty(); record.remove_prefix(std::min(kTxtString, record.size())))
    text += "\n    \"" + std::string(record.substr(0, kTxtString)) + "\"";
  return text + " )\n";
}

Result<crypto::PrivateKey> make_key(const KeysArguments& arguments) {
  auto key = arguments.type == "ed25519" ? crypto::PrivateKey::generate(crypto::KeyType::Ed25519)
                                         : crypto::PrivateKey::generate(crypto::KeyType::Rsa, 2048);
  if (!key) return key;
  if (const auto written = key->write_new_file(arguments.file); !written) return Failure(written.error());
  return key;
}

int keys(const KeysArguments& arguments, Console& console) {
  const auto domain = auth::dkim::read_domain(arguments.domain, 2);
  const auto selector = auth::dkim::read_domain(arguments.selector, 1);
  const auto owner = domain && selector ? dns::Name::parse(*selector + "._domainkey." + *domain)
                                        : Result<dns::Name>(fail(Errc::Syntax, ""));
  if (!owner) {
    console.err << (domain ? "--selector is no name for the DNS; one like s2026 is\n"
                           : "--domain is no domain; one like example.org is\n");
    return kCouldNotRun;
  }
  const auto key = arguments.show ? crypto::PrivateKey::read_file(arguments.file) : make_key(arguments);
  if (!key) {
    console.err << key.error().detail << '\n';
    return kCouldNotRun;
  }
  const std::string record = auth::dkim::key_record_of(*key);
  const std::string name = owner->to_string();
  const std::string_view type = key->type() == crypto::KeyType::Rsa ? "rsa" : "ed25519";
  if (arguments.json) {
    const nlohmann::ordered_json object{
        {"file", arguments.file}, {"type", type}, {"bits", key->bits()}, {"domain", *domain},
        {"selector", *selector},  {"name", name}, {"record", record},    {"zone", zone_lines(name, record)}};
    console.out << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    return kFine;
  }
  if (!arguments.show) {
    console.out << "; The private key is in " << observe::quote_if_needed(arguments.file) << ": keep it secret.\n"
                << "; Publish this record before the first message is signed:\n";
  }
  console.out << zone_lines(name, record);
  if (!arguments.show) {
    console.out << "; A message is then signed by\n;   anechoic sign --key " << observe::quote_if_needed(arguments.file)
                << " --domain " << *domain << " --selector " << *selector << " MESSAGE\n";
  }
  return kFine;
}

}  // namespace

void add_keys(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("keys", "Makes a DKIM key and prints the record for the DNS");
  command->footer(
      "Example: anechoic keys --domain example.org --selector s2026 /etc/anechoic/s2026.pem\n"
      "The file must not exist yet; it gets mode 0600. What is printed is a piece of a zone file. Verifiers that know\n"
      "ed25519 are still few: sign with both, or with rsa2048 alone.");
  auto arguments = std::make_shared<KeysArguments>();
  command->add_option("FILE", arguments->file, "Where the private key goes, or with --show is")->required();
  command->add_option("--domain", arguments->domain, "The domain that will sign (d=)")->required();
  command->add_option("--selector", arguments->selector, "The name of the key (s=); a new one for each key")
      ->required();
  command->add_option("--type", arguments->type, "What kind of key")
      ->check(CLI::IsMember({"rsa2048", "ed25519"}))
      ->capture_default_str();
  command->add_flag("--show", arguments->show, "Makes no key: prints the record of the one in FILE");
  command->add_flag("--json", arguments->json, "For programs: one JSON object");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Console& console) { return keys(*arguments, console); }; });
}

}  // namespace anechoic::app
