// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/source.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "mail/received_trace.h"

namespace anechoic::triage {
namespace {

// The last two labels of a host name, three where the last but one is short (co.uk): who runs it, roughly.
std::string_view site_of(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::size_t dots = 2;
  const std::size_t last = host.rfind('.');
  if (last != std::string_view::npos && last > 0) {
    const std::size_t before = host.rfind('.', last - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (last - begin <= 3 && host.size() - last == 3) dots = 3;
  }
  std::size_t at = host.size();
  while (dots-- > 0 && at != std::string_view::npos && at > 0) at = host.rfind('.', at - 1);
  return at == std::string_view::npos || at == 0 ? host : host.substr(at + 1);
}

bool is_inside(const ip::Address& address) {
  static constexpr std::array kInside = {"10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                                         "169.254.0.0/16", "fc00::/7",      "fe80::/10"};
  return address.is_loopback() || std::ranges::any_of(kInside, [&](const char* text) {
           const auto network = ip::parse_network(text);
           return network && network->contains(address);
         });
}

}  // namespace

std::string emitting_server(const mail::HeaderBlock& header, const Me& me) {
  std::string own_site;
  for (const mail::Hop& hop : mail::read_trace(header)) {
    if (own_site.empty()) own_site = ascii::lower(site_of(hop.by));
    const std::string name = ascii::lower(hop.from_name.empty() ? hop.from : hop.from_name);
    if (hop.address ? is_inside(*hop.address) : name.empty() || name == "localhost") continue;
    if (!name.empty() &&
        (me.is_own_domain(name) || (own_site.find('.') != std::string::npos && site_of(name) == own_site)))
      continue;
    std::string shown = name.find('.') == std::string::npos || name.starts_with('[') ? "" : name;
    if (hop.address) shown += (shown.empty() ? "[" : " [") + ip::to_string(*hop.address) + "]";
    if (!shown.empty()) return shown;
  }
  return "";
}

}  // namespace anechoic::triage
