// SPDX-License-Identifier: Apache-2.0
// Small words that all readers of bounces share: lines, one-line text, addresses in running text.
//
// Total and linear; addresses are found by shape, not by grammar.   Threads: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anechoic::mail::dsn {

inline constexpr std::size_t kMaxText = 2048;    // octets of a diagnostic
inline constexpr std::size_t kMaxField = 512;    // octets of any other string of a Bounce
inline constexpr std::size_t kMaxAddress = 320;  // octets

// White space and controls become single spaces; trimmed; bytes that are not UTF-8 become '?'; cut at `limit`.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t limit = kMaxField);
// Adds `more` to `text` as one line, with a space between them.
void append_line(std::string& text, std::string_view more, std::size_t limit = kMaxText);
[[nodiscard]] std::string_view trim_all(std::string_view text);  // blanks, CR, LF

// Lines without their line ends; at most `limit` of them.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text, std::size_t limit = 4000);

struct FoundAddress {
  std::string address;  // bare; the domain in lower case
  std::size_t begin = 0;
  std::size_t end = 0;
};
// The address that begins at `at` ("local@domain", the local part may be quoted), or nothing.
[[nodiscard]] std::optional<FoundAddress> address_at(std::string_view text, std::size_t at);
// The first address in the text from `from` on.
[[nodiscard]] std::optional<FoundAddress> find_address(std::string_view text, std::size_t from = 0);
// What a recipient field or a mailer's line means by an address: the first address in it, else (without a domain) the
// one word that it holds, without < and >; "" for neither.
[[nodiscard]] std::string address_of(std::string_view text);

// Does the text hold this address, but for the case of letters?
[[nodiscard]] bool mentions(std::string_view folded, std::string_view address);

}  // namespace anechoic::mail::dsn
