// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/report_fields.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "mail/dsn/bounce.h"
#include "mail/dsn/codes.h"
#include "mail/dsn/text_tools.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kMaxFields = 8 * kMaxRecipients + 50;

constexpr std::array<std::string_view, 9> kOfRecipient{"final-recipient",
                                                       "original-recipient",
                                                       "action",
                                                       "status",
                                                       "diagnostic-code",
                                                       "remote-mta",
                                                       "x-actual-recipient",
                                                       "last-attempt-date",
                                                       "x-powermta-bouncecategory"};

// "Name" of "Name: value" or "Name : value"; "" if the line is none. Status texts such as "550-5.7.1 see https://x" are
// none.
std::string_view name_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 60 || !ascii::is_alpha(line[0])) return {};
  const std::string_view name = ascii::trim(line.substr(0, colon));
  const bool letters = std::ranges::all_of(name, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
  return letters ? name : std::string_view{};
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | c >> 6U);
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | c >> 12U);
    out += static_cast<char>(0x80U | (c >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | c >> 18U);
    out += static_cast<char>(0x80U | (c >> 12U & 0x3FU));
    out += static_cast<char>(0x80U | (c >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

// "\x{C4}" of utf-8-addr-unitext and -xtext.   RFC 6533 3
std::string decode_unitext(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const std::size_t close = value.substr(at).starts_with("\\x{") ? value.find('}', at) : std::string_view::npos;
    const auto c = close == std::string_view::npos || close - at > 9
                       ? std::nullopt
                       : ascii::parse_number<std::uint32_t>(value.substr(at + 3, close - at - 3), 16);
    if (c && *c >= 0x20 && *c < 0x110000 && (*c < 0xD800 || *c > 0xDFFF)) {
      append_utf8(out, *c);
      at = close;
    } else {
      out += value[at];
    }
  }
  return out;
}

// "+3D" is '='.   RFC 3461 4
std::string decode_xtext(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const bool hex = value[at] == '+' && at + 2 < value.size() && ascii::hex_value(value[at + 1]) >= 0 &&
                     ascii::hex_value(value[at + 2]) >= 0 && !(value[at + 1] >= 'a' && value[at + 1] <= 'f') &&
                     !(value[at + 2] >= 'a' && value[at + 2] <= 'f');
    const int c = hex ? ascii::hex_value(value[at + 1]) * 16 + ascii::hex_value(value[at + 2]) : 0;
    if (hex && (c == '+' || c == '=')) {
      out += static_cast<char>(c);
      at += 2;
    } else {
      out += value[at];
    }
  }
  return out;
}

std::string recipient_of(std::string_view value) {
  const bool utf8 = ascii::istarts_with(value, "utf-8");
  const std::string_view bare = without_type(value);
  return address_of(utf8 ? decode_unitext(bare) : decode_xtext(bare));
}

std::string first_word(std::string_view value) {
  value = ascii::trim(value);
  const std::size_t end = std::min(value.find_first_of(" \t;,(."), value.size());
  return ascii::lower(value.substr(0, end));
}

// "mx.example.com. (192.0.2.1, the server for the domain example.com.)" is mx.example.com: comments say more than the
// field is for.
std::string bare_host(std::string_view value) {
  std::string_view host = without_type(value);
  while (host.starts_with('(') || host.starts_with('<')) host.remove_prefix(1);
  host = host.substr(0, host.find_first_of(" \t(),;<>"));
  while (host.ends_with('.')) host.remove_suffix(1);
  return one_line(host);
}

void set_diagnostic(StatusRecipient& recipient, std::string_view value) {
  const std::size_t semicolon = value.find(';');
  const bool typed = semicolon < 40 && !value.substr(0, semicolon).contains(' ');
  if (!recipient.diagnostic.empty()) return append_line(recipient.diagnostic, value);
  if (typed) recipient.diagnostic_type = ascii::lower(ascii::trim(value.substr(0, semicolon)));
  recipient.diagnostic = one_line(typed ? value.substr(semicolon + 1) : value, kMaxText);
}

void set_field(StatusRecipient& recipient, const ReportField& field) {
  if (field.name == "final-recipient") {
    recipient.final = recipient_of(field.value);
  } else if (field.name == "original-recipient" || (field.name == "x-actual-recipient" && recipient.original.empty())) {
    recipient.original = recipient_of(field.value);
  } else if (field.name == "action") {
    recipient.action = first_word(field.value);
  } else if (field.name == "status") {
    recipient.status = find_status(field.value);
  } else if (field.name == "diagnostic-code") {
    set_diagnostic(recipient, field.value);
  } else if (field.name == "remote-mta") {
    recipient.remote_mta = bare_host(field.value);
  } else if (field.name == "x-powermta-bouncecategory") {
    recipient.category = one_line(field.value);
  }
}

bool is_set(const StatusRecipient& recipient, std::string_view name) {
  if (name == "final-recipient") return !recipient.final.empty();
  if (name == "original-recipient") return !recipient.original.empty();
  if (name == "action") return !recipient.action.empty();
  if (name == "status") return !recipient.status.empty();
  return false;
}

bool names_somebody(const StatusRecipient& recipient) {
  return !recipient.final.empty() || !recipient.original.empty();
}

}  // namespace

Action action_from(std::string_view word) {
  if (word.starts_with("fail")) return Action::Failed;
  if (word.starts_with("delay")) return Action::Delayed;
  if (word.starts_with("deliver")) return Action::Delivered;
  if (word.starts_with("relay")) return Action::Relayed;
  if (word.starts_with("expand")) return Action::Expanded;
  return Action::Unknown;
}

std::string_view without_type(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  const std::size_t sign = value.find('@');
  if (semicolon != std::string_view::npos && (sign == std::string_view::npos || semicolon < sign))
    value.remove_prefix(semicolon + 1);
  return trim_all(value);
}

std::vector<ReportField> read_report_fields(std::string_view text) {
  std::vector<ReportField> fields;
  bool empty_line = false;
  for (std::string_view line : split_lines(text)) {
    while (line.starts_with("> ") || line.starts_with(">")) line.remove_prefix(line.starts_with("> ") ? 2 : 1);
    if (trim_all(line).empty()) {
      empty_line = true;
      continue;
    }
    const std::string_view name = name_of(line);
    if (!name.empty()) {
      if (fields.size() == kMaxFields) break;
      fields.push_back({.name = ascii::lower(name),
                        .value = one_line(line.substr(line.find(':') + 1), kMaxText),
                        .new_group = empty_line});
    } else if (!fields.empty() && (!empty_line || ascii::is_blank(line[0]))) {
      append_line(fields.back().value, line);
    }
    empty_line = false;
  }
  return fields;
}

DeliveryStatus read_delivery_status(std::string_view text) {
  DeliveryStatus status;
  StatusRecipient current;
  bool open = false;
  bool group_ended = false;
  const auto close = [&] {
    if (open && names_somebody(current) && status.recipients.size() < kMaxRecipients)
      status.recipients.push_back(current);
    current = {};
    open = false;
  };
  for (const ReportField& field : read_report_fields(text)) {
    group_ended = group_ended || field.new_group;
    if (std::ranges::find(kOfRecipient, field.name) != kOfRecipient.end()) {
      if (open && (is_set(current, field.name) || (group_ended && names_somebody(current)))) close();
      open = true;
      group_ended = false;
      set_field(current, field);
    } else if (field.name == "reporting-mta" && status.reporting_mta.empty()) {
      status.reporting_mta = bare_host(field.value);
    } else if (field.name == "arrival-date" && status.arrival.empty()) {
      status.arrival = field.value;
    } else if (field.name == "original-envelope-id" && status.envelope_id.empty()) {
      status.envelope_id = one_line(field.value);
    }
  }
  close();
  return status;
}

}  // namespace anechoic::mail::dsn
