// SPDX-License-Identifier: Apache-2.0
#include "mail/received.h"

#include <array>

#include "base/ascii.h"
#include "base/limits.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kFold = 78;  // octets of a line, without CRLF; RFC 5322 2.1.1

// Letters, digits and `others`, whatever was said.
std::string host(std::string_view said, std::string_view others) {
  if (said.empty()) return "unknown";
  std::string out(said.substr(0, limits::kDomain));
  for (char& c : out) {
    if (!ascii::is_alnum(c) && !others.contains(c)) c = '?';
  }
  return out;
}
constexpr std::string_view kInName = "-._";  // a PTR record is the client's word, too: no address literal there
constexpr std::string_view kInHelo = "-._:[]";

// Puts words behind each other and begins a line where one would get too long.
class Folder {
 public:
  void add(std::string_view word) {
    if (line_ != 0 && line_ + 1 + word.size() > kFold) {
      text_ += "\r\n\t";
      line_ = 1;
    } else if (line_ != 0) {
      text_ += ' ';
      ++line_;
    }
    text_ += word;
    line_ += word.size();
  }
  void break_line() { line_ = kFold; }  // the next word begins a line
  [[nodiscard]] std::string take() && { return std::move(text_) + "\r\n"; }

 private:
  std::string text_;
  std::size_t line_ = 0;
};

}  // namespace

std::string_view received_protocol(bool extended, bool tls, bool utf8) {
  if (utf8) return tls ? "UTF8SMTPS" : "UTF8SMTP";
  if (tls) return "ESMTPS";
  return extended ? "ESMTP" : "SMTP";
}

std::string format_date(WallTime at) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - days));
  const auto two = [](auto number) {
    const auto value = static_cast<unsigned>(number);
    return std::string{static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
  };
  std::string out(kDays[std::chrono::weekday(days).c_encoding()]);
  out += ", " + two(static_cast<unsigned>(date.day())) + " ";
  out += kMonths[static_cast<unsigned>(date.month()) - 1];
  out += " " + std::to_string(static_cast<int>(date.year())) + " ";
  out += two(time.hours().count()) + ":" + two(time.minutes().count()) + ":" + two(time.seconds().count());
  return out + " +0000";
}

std::string write_received(const Received& received) {
  Folder out;
  out.add("Received: from " + host(received.helo, kInHelo));
  const std::string name = received.client_name.empty() ? std::string() : host(received.client_name, kInName) + " ";
  out.add("(" + name + ip::to_literal(received.client) + ")");
  out.break_line();
  out.add("by " + host(received.by, kInName));
  out.add("with " + std::string(received.with));
  const bool utf8 = received.with.starts_with("UTF8");
  const bool with_recipient = received.recipient && (utf8 || !received.recipient->mailbox.needs_utf8());
  std::string id = "id ";
  for (const char c : received.id) id += ascii::is_alnum(c) ? c : '?';
  std::string mark = received.mark.empty() ? std::string() : "(";
  for (const char c : received.mark) mark += ascii::is_alnum(c) || c == '=' ? c : '?';
  if (!mark.empty()) mark += ')';
  if (!with_recipient) (mark.empty() ? id : mark) += ';';
  out.add(id);
  if (!mark.empty()) out.add(mark);
  if (with_recipient) out.add("for " + to_string(*received.recipient) + ";");
  out.break_line();
  out.add(format_date(received.at));
  return std::move(out).take();
}

}  // namespace anechoic::mail
