// SPDX-License-Identifier: Apache-2.0
// No parser of HTML: enough of one to get the words that a person would see.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "mail/mime/message.h"

namespace anechoic::mail {
namespace {

struct Entity {
  std::string_view name;
  std::uint32_t code;
};
constexpr std::array kEntities = {
    Entity{"amp", '&'},      Entity{"lt", '<'},        Entity{"gt", '>'},        Entity{"quot", '"'},
    Entity{"apos", '\''},    Entity{"hellip", 0x2026}, Entity{"mdash", 0x2014},  Entity{"ndash", 0x2013},
    Entity{"lsquo", 0x2018}, Entity{"rsquo", 0x2019},  Entity{"ldquo", 0x201C},  Entity{"rdquo", 0x201D},
    Entity{"sbquo", 0x201A}, Entity{"bdquo", 0x201E},  Entity{"lsaquo", 0x2039}, Entity{"rsaquo", 0x203A},
    Entity{"bull", 0x2022},  Entity{"euro", 0x20AC},   Entity{"trade", 0x2122},  Entity{"OElig", 0x152},
    Entity{"oelig", 0x153},  Entity{"Scaron", 0x160},  Entity{"scaron", 0x161},  Entity{"zwnj", 0x200C},
    Entity{"zwj", 0x200D},   Entity{"ensp", ' '},      Entity{"emsp", ' '},      Entity{"thinsp", ' '},
    Entity{"rarr", 0x2192},  Entity{"larr", 0x2190},   Entity{"middot", 0xB7},
};
// U+00A0 to U+00FF, in their order.
constexpr std::array<std::string_view, 96> kLatin1 = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

// Elements that begin a line of their own.
constexpr std::array<std::string_view, 30> kBlocks = {
    "address",  "article", "blockquote", "body",   "br", "center", "dd",      "div",   "dl", "dt",
    "fieldset", "footer",  "form",       "h1",     "h2", "h3",     "h4",      "h5",    "h6", "header",
    "hr",       "li",      "ol",         "option", "p",  "pre",    "section", "table", "tr", "ul"};

constexpr std::size_t kLongestReference = 12;

void append_code(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

std::uint32_t numbered(std::string_view digits) {
  const bool hex = digits.starts_with('x') || digits.starts_with('X');
  const auto value = ascii::parse_number<std::uint32_t>(digits.substr(hex ? 1 : 0), hex ? 16 : 10);
  if (!value || *value == 0 || *value > 0x10FFFF || (*value >= 0xD800 && *value < 0xE000)) return 0xFFFD;
  if (*value < 0x20 || *value == 0x7F) return ' ';
  return *value;
}

// 0 = no such name.
std::uint32_t named(std::string_view name) {
  const auto entity = std::ranges::find(kEntities, name, &Entity::name);
  if (entity != kEntities.end()) return entity->code;
  const auto latin = std::ranges::find(kLatin1, name);
  return latin == kLatin1.end() ? 0 : 0xA0U + static_cast<std::uint32_t>(latin - kLatin1.begin());
}

class Reader {
 public:
  Reader(std::string_view html, std::size_t limit) : html_(html), limit_(limit) {
    out_.reserve(std::min(html.size(), limit));
  }

  std::string run() {
    while (at_ < html_.size() && out_.size() < limit_) {
      const char c = html_[at_];
      if (c == '<' && is_markup()) {
        markup();
      } else if (c == '&') {
        reference();
      } else if (ascii::is_blank(c) || c == '\n' || c == '\r') {
        space_ = true;
        ++at_;
      } else {
        character();
      }
    }
    while (!out_.empty() && (ascii::is_blank(out_.back()) || out_.back() == '\n')) out_.pop_back();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_markup() const {
    const char next = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
    return ascii::is_alpha(next) || next == '/' || next == '!' || next == '?';
  }

  // One character, whole, so that the end of `out_` is one of a character as well.
  void character() {
    std::size_t end = at_ + 1;
    while (end < html_.size() && (static_cast<unsigned char>(html_[end]) & 0xC0U) == 0x80U) ++end;
    text(html_.substr(at_, end - at_));
    at_ = end;
  }
  void text(std::string_view piece) {
    const bool blank = space_ && !out_.empty() && out_.back() != '\n';
    space_ = false;
    if (out_.size() + piece.size() + (blank ? 1 : 0) > limit_) {
      limit_ = out_.size();  // full
      return;
    }
    if (blank) out_ += ' ';
    out_ += piece;
  }
  void new_line() {
    space_ = false;
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  }

  // Where `what` is, looked for from here; once it was not found it is not looked for again.
  std::size_t find(std::string_view what, bool& missing) const {
    if (missing) return std::string_view::npos;
    const std::size_t found = html_.find(what, at_);
    missing = found == std::string_view::npos;
    return found;
  }

  void markup() {
    if (html_.substr(at_).starts_with("<!--")) {
      const std::size_t end = find("-->", no_comment_end_);
      if (end != std::string_view::npos) {
        at_ = end + 3;
        return;
      }
    }
    const std::size_t end = tag_end();
    if (end == std::string_view::npos) {
      character();  // it is none
      return;
    }
    std::string_view tag = html_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    const bool closing = tag.starts_with('/');
    if (closing) tag.remove_prefix(1);
    std::size_t length = 0;
    while (length < tag.size() && ascii::is_alnum(tag[length])) ++length;
    const std::string name = ascii::lower(tag.substr(0, std::min<std::size_t>(length, 16)));
    if (!closing && (name == "style" || name == "script" || name == "title")) skip_element(name);
    if (std::ranges::find(kBlocks, name) != kBlocks.end()) new_line();
    if (name == "td" || name == "th") space_ = true;
  }

  // Of the tag that begins here; a '>' inside quotes is none, unless the quote never ends.
  std::size_t tag_end() {
    if (!no_quoted_end_) {
      char quote = '\0';
      for (std::size_t i = at_ + 1; i < html_.size(); ++i) {
        const char c = html_[i];
        if (quote != '\0') {
          if (c == quote) quote = '\0';
        } else if (c == '"' || (c == '\'' && html_[i - 1] == '=')) {
          quote = c;
        } else if (c == '>') {
          return i;
        }
      }
      no_quoted_end_ = true;
    }
    return find(">", no_tag_end_);
  }

  void skip_element(const std::string& name) {
    std::size_t at = at_;
    for (;;) {
      at = html_.find("</", at);
      if (at == std::string_view::npos) break;
      if (ascii::istarts_with(html_.substr(at + 2), name)) {
        at_ = at;
        return;
      }
      at += 2;
    }
    at_ = html_.size();  // nobody sees what is in it
  }

  void reference() {
    const std::string_view rest = html_.substr(at_ + 1, kLongestReference);
    std::size_t length = rest.starts_with('#') ? 1 : 0;
    while (length < rest.size() && ascii::is_alnum(rest[length])) ++length;
    const std::string_view name = rest.substr(0, length);
    std::uint32_t code = 0;
    if (name.size() > 1) code = name[0] == '#' ? numbered(name.substr(1)) : named(name);
    if (code == 0) {
      character();
      return;
    }
    at_ += 1 + length;
    if (at_ < html_.size() && html_[at_] == ';') ++at_;
    if (code == 0xA0 || code == ' ') {
      space_ = true;
    } else if (code != 0xAD) {  // a soft hyphen is not seen
      std::string piece;
      append_code(piece, code);
      text(piece);
    }
  }

  std::string_view html_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::string out_;
  bool space_ = false;  // before the next character
  bool no_comment_end_ = false;
  bool no_quoted_end_ = false;
  bool no_tag_end_ = false;
};

}  // namespace

std::string html_to_text(std::string_view html, std::size_t limit) {
  return Reader(html, limit).run();
}

}  // namespace anechoic::mail
