// SPDX-License-Identifier: Apache-2.0
#include "app/mta_lines.h"

#include <fmt/format.h>

#include <set>

namespace anechoic::app {

namespace {

// The addresses of SMTP backends, each once.
std::set<std::pair<std::string, std::uint16_t>> smtp_addresses(const config::Settings& settings, bool& xforward) {
  std::set<std::pair<std::string, std::uint16_t>> all;
  for (const config::Backend& backend : settings.backends) {
    for (const config::BackendAddress& address : backend.to)
      if (address.scheme == config::BackendScheme::Smtp) all.emplace(address.host, address.port);
    xforward |= backend.xforward;
  }
  return all;
}

bool is_loopback(const std::string& host) {
  const auto address = ip::parse_address(host);
  return host == "localhost" || (address && address->is_loopback());
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

}  // namespace

std::string postfix_lines(const config::Settings& settings) {
  bool xforward = false;
  std::string out;
  for (const auto& [host, port] : smtp_addresses(settings, xforward)) {
    const std::string us = is_loopback(host) ? "127.0.0.1" : "ADDRESS-OF-THIS-HOST";
    out += fmt::format("{}:{} inet n - y - - smtpd\n", bracketed(host), port);
    out += "    -o syslog_name=postfix/behind-anechoic\n";
    if (xforward) out += fmt::format("    -o smtpd_authorized_xforward_hosts={}\n", us);
    out +=
        "    -o mynetworks=127.0.0.2/32\n"
        "    -o smtpd_relay_restrictions=reject_unauth_destination\n"
        "    -o smtpd_recipient_restrictions=reject_unauth_destination,reject_unlisted_recipient\n"
        "    -o smtpd_client_restrictions=\n"
        "    -o smtpd_client_connection_count_limit=0\n"
        "    -o smtpd_error_sleep_time=0\n"
        "    -o smtpd_soft_error_limit=1000\n"
        "    -o smtpd_hard_error_limit=1000\n"
        "    -o smtpd_junk_command_limit=1000\n";
  }
  if (!out.empty())
    out += fmt::format("\nand in main.cf, for messages as large as inbound.message_size:\n\nmessage_size_limit = {}\n",
                       settings.inbound.options.session.message_size);
  return out;
}

std::string exim_lines(const config::Settings& settings) {
  bool xforward = false;
  std::string ports;
  std::string interfaces;
  for (const auto& [host, port] : smtp_addresses(settings, xforward)) {
    if (!interfaces.empty()) interfaces += " ; ";
    interfaces += fmt::format("{}.{}", host, port);
    if (ports.find(fmt::format("{{{}}}", port)) != std::string::npos) continue;
    const std::string here = fmt::format("    condition = ${{if eq{{$received_port}}{{{}}}}}\n", port);
    ports += "  deny\n" + here + "    !domains = +local_domains : +relay_to_domains\n";
    ports += "    message = 550 5.7.1 relay not permitted\n";
    ports += "  deny\n" + here + "    !verify = recipient\n    message = 550 5.1.1 no such user here\n";
    ports += "  accept\n" + here;
  }
  if (ports.empty()) return "";
  return fmt::format(
      "in the main section:\n\n"
      "local_interfaces = <; {}\n"
      "smtp_accept_max = 200\n"
      "smtp_accept_max_nonmail_hosts = !127.0.0.1\n"
      "smtp_accept_max_per_connection = 0\n"
      "message_size_limit = {}\n\n"
      "first in the RCPT ACL, right below acl_check_rcpt:\n\n{}{}",
      interfaces, settings.inbound.options.session.message_size, ports,
      xforward ? "\nExim does not speak XFORWARD: set identity = \"none\" for it.\n" : "");
}

std::string may_still_bounce(const config::Settings& settings) {
  bool lmtp = false;
  bool smtp = false;
  bool folder = false;
  for (const config::Backend& backend : settings.backends) {
    const auto scheme = backend.to.front().scheme;
    smtp |= scheme == config::BackendScheme::Smtp;
    folder |= scheme == config::BackendScheme::Maildir;
    lmtp |= scheme == config::BackendScheme::Lmtp || scheme == config::BackendScheme::LmtpUnix;
  }
  std::string out;
  if (smtp)
    out +=
        "- a mailbox over quota, where the server finds that out at delivery and not at RCPT\n"
        "- a Sieve or other filter that says reject, and vacation answers to forged senders\n"
        "- aliases, .forward files and lists that lead to an outside address which refuses\n"
        "- a content filter behind the server's queue that bounces\n";
  if (lmtp) out += "- with LMTP: a Sieve script that says reject or sends a vacation answer\n";
  if (folder) out += "- with maildir: nothing; what is answered 250 is on disk\n";
  for (const config::Domain& domain : settings.domains)
    if (domain.catch_all)
      out += fmt::format("- {}: catch_all says that every address exists; what the backend can't deliver it bounces\n",
                         domain.name);
  out += "- what another MX of a domain takes that does not know its recipients\n";
  return out;
}

}  // namespace anechoic::app
