// SPDX-License-Identifier: Apache-2.0
// The value is cut into addresses at commas and semicolons that no quote, comment or bracket encloses; each piece is
// then read for itself: what stands in brackets, else the word with an @, else the one word there is.
#include "mail/header_address.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/encoded_word.h"
#include "mail/header_block.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kMaxAddress = 1000;  // octets; what is longer is no address
constexpr std::size_t kMaxDisplay = 1000;

// What one address looks like, quotes still in `words` and `angle`.
struct Piece {
  std::string words;    // outside brackets and comments
  std::string comment;  // the last one
  std::string angle;    // what the brackets hold
  bool has_angle = false;
  std::size_t before_angle = 0;  // octets of `words` that stand before the brackets

  [[nodiscard]] bool empty() const { return !has_angle && ascii::trim(words).empty(); }
};

std::string unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') continue;
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

// Where the last @ outside quotes is.
std::size_t at_sign(std::string_view address) {
  bool quoted = false;
  std::size_t found = std::string_view::npos;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (address[i] == '\\' && quoted) {
      ++i;
    } else if (address[i] == '"') {
      quoted = !quoted;
    } else if (address[i] == '@' && !quoted) {
      found = i;
    }
  }
  return found != std::string_view::npos ? found : address.rfind('@');
}

// The address without a route, "mailto:", the quotes people put around it and a last dot; its domain in lower case.
std::string cleaned(std::string_view text) {
  text = ascii::trim(text);
  if (text.size() > kMaxAddress) return {};
  while (text.starts_with('<')) text.remove_prefix(1);
  while (text.ends_with('>')) text.remove_suffix(1);
  if (ascii::istarts_with(text, "mailto:")) text.remove_prefix(7);
  if (text.starts_with('@')) {  // RFC 5322 4.4
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos) text.remove_prefix(colon + 1);
  }
  if (text.size() > 2 && text.front() == '\'' && text.back() == '\'') text = text.substr(1, text.size() - 2);
  if (text.size() > 2 && text.front() == '"' && text.back() == '"' &&
      at_sign(text.substr(1, text.size() - 2)) != text.npos) {
    text = text.substr(1, text.size() - 2);
  }
  while (text.ends_with('.') || text.ends_with(',')) text.remove_suffix(1);
  std::string out;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!ascii::is_control(c) && (quoted || !ascii::is_blank(c))) out += c;
  }
  const std::size_t at = at_sign(out);
  for (std::size_t i = at; i < out.size(); ++i) out[i] = ascii::to_lower(out[i]);
  // Quotes that nobody needs: "a.b"@example.org.
  if (at != std::string::npos && at > 2 && out[0] == '"' && out[at - 1] == '"') {
    const std::string local = unquoted(std::string_view(out).substr(0, at));
    const bool plain = std::ranges::all_of(
        local, [](char c) { return ascii::is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").contains(c); });
    if (plain && !local.starts_with('.') && !local.ends_with('.') && !local.contains("..")) {
      out = local + out.substr(at);
    }
  }
  return out;
}

std::string display_of(std::string_view text) {
  text = ascii::trim(text);
  if (text.size() > 2 && text.front() == '\'' && text.back() == '\'') text = text.substr(1, text.size() - 2);
  return std::string(ascii::trim(decode_words(unquoted(text), kMaxDisplay)));
}

// The words of `text`; quoted blanks do not part them.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || !ascii::is_blank(text[i]))) continue;
    if (i > start) words.push_back(text.substr(start, i - start));
    start = i + 1;
  }
  return words;
}

HeaderAddress without_angle(const Piece& piece) {
  std::string text(ascii::trim(piece.words));
  if (!text.contains('@') && text.contains("=?")) text = decode_words(text, kMaxAddress);
  const auto words = words_of(text);
  const auto with_at = std::ranges::find_if(words, [](std::string_view word) { return word.contains('@'); });
  HeaderAddress out;
  out.display = display_of(piece.comment);
  if (with_at == words.end()) {
    if (words.size() == 1 && !text.starts_with('"')) {
      out.address = cleaned(text);
    } else {
      out.display = display_of(text);
    }
    return out;
  }
  // "user @ example.org" and "user@ example.org" are one address; "My Name user@example.org" has a name.
  const bool torn = with_at->starts_with('@') || with_at->ends_with('@');
  if (torn) {
    out.address = cleaned(text);
  } else {
    out.address = cleaned(*with_at);
    const auto before = static_cast<std::size_t>(with_at->data() - text.data());
    if (out.display.empty()) out.display = display_of(std::string_view(text).substr(0, before));
  }
  return out;
}

// Cuts a value into pieces, one octet at a time.
class Splitter {
 public:
  explicit Splitter(std::string_view value) : text_(unfold(value)) {
    const std::size_t close = text_.rfind(')');
    last_close_ = close == std::string::npos ? 0 : close;
  }

  std::vector<HeaderAddress> run() {
    for (at_ = 0; at_ < text_.size() && out_.size() < kMaxAddresses; ++at_) step(text_[at_]);
    end_piece(true);
    if (out_.size() > kMaxAddresses) out_.resize(kMaxAddresses);
    return std::move(out_);
  }

 private:
  void step(char c) {
    if (c == '\\' && at_ + 1 < text_.size() && (quoted_ || depth_ != 0)) {
      add(c);
      add(text_[++at_]);
    } else if (quoted_) {
      quoted_ = c != '"';
      add(c);
    } else if (depth_ != 0) {
      if (c == '(') ++depth_;
      if (c == ')') --depth_;
      if (depth_ != 0) piece_.comment += c;
    } else if (in_angle_) {
      if (c == '>') {
        in_angle_ = false;
      } else if (c == '(') {
        begin_comment();
      } else if (c != '<') {
        quoted_ = c == '"';
        add(c);
      }
    } else {
      outside(c);
    }
  }
  void outside(char c) {
    switch (c) {
      case '"':
        // A quote that nobody closes is a character.
        quoted_ = text_.find('"', at_ + 1) != std::string::npos;
        add(c);
        break;
      case '(':
        if (at_ >= last_close_) {
          add(c);  // likewise
        } else {
          begin_comment();
        }
        break;
      case '<':
        if (piece_.has_angle) next_without_comma();
        piece_.has_angle = true;
        piece_.before_angle = piece_.words.size();
        in_angle_ = true;
        break;
      case ':':
        // A group's name; "mailto:" is none.
        if (ascii::iequals(ascii::trim(piece_.words), "mailto") || piece_.words.contains('@')) {
          add(c);
        } else {
          piece_ = {};
        }
        break;
      case ',':
        end_piece(false);
        break;
      case ';':
        end_piece(true);
        break;
      default:
        add(c);
    }
  }
  // "A <a@example.org> B <b@example.org>"
  void next_without_comma() {
    std::string words = piece_.words.substr(piece_.before_angle);
    piece_.words.resize(piece_.before_angle);
    end_piece(true);
    piece_.words = std::move(words);
  }
  void begin_comment() {
    depth_ = 1;
    piece_.comment.clear();
  }
  void add(char c) {
    std::string& to = depth_ != 0 ? piece_.comment : in_angle_ ? piece_.angle : piece_.words;
    to += c;
  }
  // `Doe, John <j@example.org>`: a comma that somebody forgot to quote.
  [[nodiscard]] bool is_first_half() const {
    if (piece_.has_angle || piece_.words.contains('@') || piece_.words.contains('"')) return false;
    const std::size_t next = text_.find_first_of("<@,;", at_ + 1);
    return next != std::string::npos && text_[next] == '<';
  }
  void end_piece(bool hard) {
    if (piece_.empty() && piece_.comment.empty()) {
      piece_ = {};
      return;
    }
    if (!hard && !piece_.empty() && is_first_half()) {
      piece_.words += ',';
      return;
    }
    if (piece_.has_angle) {
      HeaderAddress address{cleaned(piece_.angle),
                            display_of(std::string_view(piece_.words).substr(0, piece_.before_angle))};
      if (address.display.empty()) address.display = display_of(piece_.comment);
      out_.push_back(std::move(address));
    } else if (!piece_.empty()) {
      out_.push_back(without_angle(piece_));
    }
    piece_ = {};
  }

  std::string text_;
  std::size_t at_ = 0;
  std::size_t last_close_ = 0;  // the last ')'
  Piece piece_;
  bool quoted_ = false;
  bool in_angle_ = false;
  std::size_t depth_ = 0;
  std::vector<HeaderAddress> out_;
};

}  // namespace

std::vector<HeaderAddress> parse_address_list(std::string_view value) {
  return Splitter(value).run();
}

std::string first_address(std::string_view value) {
  for (HeaderAddress& address : parse_address_list(value)) {
    if (!address.address.empty()) return std::move(address.address);
  }
  return {};
}

std::string_view local_part(std::string_view address) {
  return address.substr(0, at_sign(address));
}

std::string_view domain_part(std::string_view address) {
  const std::size_t at = at_sign(address);
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

bool same_mailbox(std::string_view a, std::string_view b) {
  return ascii::iequals(a, b);
}

}  // namespace anechoic::mail
