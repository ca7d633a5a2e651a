// SPDX-License-Identifier: Apache-2.0
#include "mail/header_scan.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"
#include "mail/received_trace.h"

namespace anechoic::mail {
namespace {

std::string first_message_id(std::string_view value) {
  value = ascii::trim(value);
  const std::size_t open = value.find('<');
  const std::size_t close = open == std::string_view::npos ? open : value.find('>', open);
  if (close != std::string_view::npos) value = value.substr(open, close + 1 - open);
  std::string out;
  for (const char c : value.substr(0, 998)) {
    if (!ascii::is_control(c)) out += c;
  }
  return out;
}

}  // namespace

void HeaderScanner::feed(std::string_view bytes) {
  while (!done_ && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(piece.size());
    fed_ += piece.size();
    const bool ended = piece.ends_with('\n');
    const std::size_t room = kFieldBytes - std::min(line_.size(), kFieldBytes);
    if (ended) piece.remove_suffix(1);
    line_ += piece.substr(0, room);
    if (ended) {
      if (line_.ends_with('\r')) line_.pop_back();
      on_line(std::exchange(line_, std::string()));
    }
    if (fed_ >= limits::kHeaderBytes) finish();
  }
}

void HeaderScanner::on_line(std::string_view line) {
  if (!line.empty() && ascii::is_blank(line.front())) {
    const std::size_t room = kFieldBytes - std::min(field_.size(), kFieldBytes);
    field_ += line.substr(0, room);
    return;
  }
  on_field();
  if (line.empty()) {
    done_ = true;
  } else {
    field_ = line;
  }
}

void HeaderScanner::on_field() {
  const std::string field = std::exchange(field_, std::string());
  const std::size_t colon = field.find(':');
  if (colon == std::string::npos) return;
  const std::string_view name = ascii::trim(std::string_view(field).substr(0, colon));
  const std::string_view value = std::string_view(field).substr(colon + 1);
  if (ascii::iequals(name, "Message-ID") && result_.message_id.empty()) {
    result_.message_id = first_message_id(value);
  } else if (ascii::iequals(name, "Received")) {
    const ReceivedParts parts = parse_received(value);
    ++result_.received_fields;
    if (!options_.hostname.empty() && ascii::iequals(parts.by, options_.hostname)) ++result_.own_received_fields;
    if (result_.received_fields == options_.hops) {
      result_.client = parts.client;
      result_.client_helo = parts.from;
    }
  }
}

void HeaderScanner::finish() {
  if (done_) return;
  if (!line_.empty()) on_line(std::exchange(line_, std::string()));
  if (!done_) on_field();
  done_ = true;
}

HeaderScanResult scan_headers(std::string_view header_block, HeaderScanOptions options) {
  HeaderScanner scanner(std::move(options));
  scanner.feed(header_block);
  scanner.finish();
  return scanner.result();
}

}  // namespace anechoic::mail
