// SPDX-License-Identifier: Apache-2.0
#include "app/auth_request.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/ascii.h"
#include "base/ip.h"

namespace anechoic::app {

namespace {

constexpr std::size_t kFirstLine = 64 * 1024;  // of a message; longer is no line that tells anything

// `count` digits, which are taken from `text`.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  const std::string_view taken = text.substr(0, count);
  if (taken.size() != count) return std::nullopt;
  const auto value = ascii::parse_number<unsigned>(taken);
  if (!value) return std::nullopt;
  text.remove_prefix(count);
  return static_cast<int>(*value);
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || !any_of.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<WallTime> parse_date(std::string_view& text) {
  const auto year = digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return WallTime{std::chrono::sys_days{date}};
}

// "06:15:00.25"; a leap second is the next second's beginning.
std::optional<std::chrono::microseconds> parse_time(std::string_view& text) {
  const auto hour = digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::chrono::microseconds time =
      std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  if (!take(text, ".")) return time;
  if (text.empty() || !ascii::is_digit(text.front())) return std::nullopt;
  std::chrono::microseconds unit = std::chrono::milliseconds(100);
  for (; !text.empty() && ascii::is_digit(text.front()); text.remove_prefix(1)) {
    time += (text.front() - '0') * unit;
    unit /= 10;
  }
  return time;
}

std::optional<std::chrono::minutes> parse_offset(std::string_view& text) {
  if (take(text, "Zz")) return std::chrono::minutes(0);
  const bool west = text.starts_with('-');
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = digits(text, 2);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto date = parse_date(text);
  if (!date || text.empty()) return date;
  if (!take(text, "Tt ")) return std::nullopt;
  const auto time = parse_time(text);
  if (!time) return std::nullopt;
  const auto offset = parse_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *time - *offset;
}

// Whatever an envelope may hold, also what is no address: forgers write such.
mail::ReversePath read_reverse_path(std::string_view text) {
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  if (text.empty()) return {};
  if (auto mailbox = mail::parse_mailbox(text, mail::Utf8::Allowed)) return {std::move(*mailbox)};
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return {mail::Mailbox{.local = {}, .domain = ascii::lower(text)}};
  return {mail::Mailbox{.local = std::string(text.substr(0, at)), .domain = ascii::lower(text.substr(at + 1))}};
}

bool is_mbox_line(std::string_view line) {
  if (line.starts_with('>')) line.remove_prefix(1);
  return line.starts_with("From ") && !ascii::trim(line.substr(4)).starts_with(':');
}

}  // namespace

Result<WallTime> parse_instant(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  // To the year 9999: what lies beyond overflows.
  if (error == std::errc{} && end == text.data() + text.size() && seconds >= 0 && seconds < 253'402'300'800) {
    return WallTime{std::chrono::seconds(seconds)};
  }
  if (const auto at = parse_rfc3339(text)) return *at;
  return fail(Errc::Syntax, "write a time as 2026-11-22T06:15:00Z, 2026-11-22T07:15:00+01:00 or Unix seconds");
}

Result<AuthRequest> read_auth_request(const AuthArguments& arguments) {
  AuthRequest request;
  if (!arguments.at.empty()) {
    const auto at = parse_instant(arguments.at);
    if (!at) return fail(Errc::Syntax, "--at: " + at.error().detail);
    request.at = *at;
  }
  if (arguments.mail_from_known) request.reverse_path = read_reverse_path(arguments.mail_from);
  const bool alone = arguments.message.empty();
  if (arguments.ip.empty()) {
    if (!alone) return request;
    return fail(Errc::Syntax,
                "name a message, or for SPF alone: --ip, --helo and --mail-from ('<>' is the null sender)");
  }
  std::string_view ip = arguments.ip;
  if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
  if (ascii::istarts_with(ip, "IPv6:")) ip.remove_prefix(5);
  const auto client = ip::parse_address(ip);
  if (!client) return fail(Errc::Syntax, "--ip: write an address as 192.0.2.1 or 2001:db8::1");
  if (!arguments.mail_from_known && !alone) return request;
  if (!arguments.mail_from_known && arguments.helo.empty()) {
    return fail(Errc::Syntax, "--ip is for SPF, which needs --mail-from, too ('<>' is the null sender)");
  }
  if (!request.reverse_path) request.reverse_path.emplace();
  if (request.reverse_path->is_null() && arguments.helo.empty()) {
    return fail(Errc::Syntax, "the null sender is checked by the name that the client gave: --helo NAME");
  }
  request.envelope = {.client = *client, .helo = arguments.helo, .reverse_path = *request.reverse_path};
  return request;
}

void WireForm::feed(std::string_view bytes) {
  if (begun_) {
    pass_on(bytes);
    return;
  }
  const std::size_t end = bytes.find('\n');
  const std::size_t length = end == std::string_view::npos ? bytes.size() : end + 1;
  first_ += bytes.substr(0, length);
  if (end == std::string_view::npos && first_.size() < kFirstLine) return;
  begin();
  pass_on(bytes.substr(length));
}

void WireForm::begin() {
  begun_ = true;
  turn_ = first_.ends_with('\n') && !first_.ends_with("\r\n");
  if (!is_mbox_line(first_)) pass_on(first_);
  first_.clear();
}

void WireForm::pass_on(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!turn_) {
    sink_(bytes);
    return;
  }
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 16);
  for (const char c : bytes) {
    if (c == '\n' && last_ != '\r') out += '\r';
    out += c;
    last_ = c;
  }
  sink_(out);
}

void WireForm::finish() {
  if (!begun_) begin();
}

}  // namespace anechoic::app
