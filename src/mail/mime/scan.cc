// SPDX-License-Identifier: Apache-2.0
// One pass over the lines. The parts that are open lie on a stack, each multipart with its boundary; a line that is the
// boundary of one of them ends all that lie above it, so a missing end boundary costs nothing but itself.
#include <algorithm>
#include <cstring>
#include <optional>

#include "base/ascii.h"
#include "mail/mime/message.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kMaxBoundary = 1000;      // octets; RFC 2046 5.1.1 says 70
constexpr std::size_t kGuessBytes = 16 * 1024;  // of a body in which a boundary is guessed
constexpr unsigned kBlankLines = 16;            // before the header of an embedded message
constexpr std::size_t kSniffBytes = 4096;

std::size_t behind_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// Of the line that begins at `at`, without line end and blanks at its end.
std::string_view line_at(std::string_view text, std::size_t at) {
  std::string_view line = text.substr(at, behind_line(text, at) - at);
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : line.substr(0, last + 1);
}

TransferEncoding parse_encoding(std::string_view value) {
  std::string word;
  for (const char c : value.substr(0, 200)) {
    if (c == '(' || c == ';') break;
    if (ascii::is_alnum(c) || c == '-') word += ascii::to_lower(c);
  }
  if (word == "base64" || word == "base-64") return TransferEncoding::Base64;
  if (word == "quoted-printable" || word == "quotedprintable") return TransferEncoding::QuotedPrintable;
  if (word == "uuencode" || word == "x-uuencode" || word == "x-uue" || word == "uue") {
    return TransferEncoding::Uuencode;
  }
  return TransferEncoding::Identity;
}

bool is_field_like(std::string_view line) {
  const std::size_t colon = line.substr(0, 80).find(':');
  if (line.starts_with("From ") || line.starts_with(">From ")) return true;
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::ranges::all_of(line.substr(0, colon), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

// Is this the header of a message, whatever encoding was declared?
bool is_plain_header(std::string_view body, TransferEncoding declared) {
  const std::size_t first = std::min(body.find_first_not_of("\r\n"), body.size());
  if (!is_field_like(line_at(body, first))) return false;
  if (declared != TransferEncoding::QuotedPrintable) return true;
  const std::string_view head = body.substr(0, kSniffBytes);
  return !head.contains("=\n") && !head.contains("=\r\n") && !head.contains("=3D");
}

bool holds_message(const ContentType& type) {
  if (type.type == "message") {
    return type.subtype == "rfc822" || type.subtype == "global" || type.subtype == "global-headers" ||
           type.subtype == "rfc822-headers" || type.subtype == "news";
  }
  return type.is("text", "rfc822-headers");
}

class Scanner {
 public:
  Scanner(std::string_view raw, const ScanOptions& options)
      : raw_(raw), options_(options), searchable_(2 * raw.size()) {
    message_.raw = raw;
  }

  Message run() {
    std::size_t at = raw_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    at = open_part(behind_blank_lines(at), Part::kNone);
    while (boundaries_ != 0 && !full_ && at < raw_.size()) {
      const std::size_t next = behind_line(raw_, at);
      if (raw_.size() - at > 2 && raw_[at] == '-' && raw_[at + 1] == '-') {
        at = on_hyphens(at, next);
      } else {
        at = next;
      }
    }
    close_down_to(0, raw_.size());
    return std::move(message_);
  }

 private:
  struct Open {
    std::size_t part = 0;
    std::size_t body_at = 0;
    unsigned messages = 0;  // it lies in so many embedded messages
    std::string boundary;   // "" = no multipart
  };
  struct Delimiter {
    std::size_t level = 0;  // in open_
    bool last = false;
  };

  [[nodiscard]] std::optional<Delimiter> find_delimiter(std::string_view line) const {
    line.remove_prefix(2);
    for (std::size_t level = open_.size(); level-- > 0;) {
      const std::string& boundary = open_[level].boundary;
      if (boundary.empty() || !line.starts_with(boundary)) continue;
      const std::string_view rest = line.substr(boundary.size());
      if (rest.empty()) return Delimiter{level, false};
      if (rest == "--") return Delimiter{level, true};
    }
    return std::nullopt;
  }

  std::size_t on_hyphens(std::size_t at, std::size_t next) {
    const std::string_view line = line_at(raw_.substr(0, next), at);
    const auto delimiter = line.size() < 2 ? std::nullopt : find_delimiter(line);
    if (!delimiter) return next;
    close_down_to(delimiter->level + 1, at);
    return delimiter->last ? next : open_part(next, open_[delimiter->level].part);
  }

  // Ends the parts above `level` before the line that begins at `line`, whose boundary owns the line end before it.
  void close_down_to(std::size_t level, std::size_t line) {
    std::size_t end = line;
    if (level != 0 && end > 0 && raw_[end - 1] == '\n') --end;
    if (level != 0 && end > 0 && end < line && raw_[end - 1] == '\r') --end;
    while (open_.size() > level) {
      const Open& top = open_.back();
      message_.parts[top.part].body = raw_.substr(top.body_at, std::max(end, top.body_at) - top.body_at);
      if (!top.boundary.empty()) --boundaries_;
      open_.pop_back();
    }
  }

  // Reads the part whose header begins at `at`, and the messages that begin with its body; returns where lines go on.
  std::size_t open_part(std::size_t at, std::size_t parent) {
    for (;;) {
      if (message_.parts.size() >= std::max<std::size_t>(options_.parts, 1)) {
        full_ = true;
        message_.truncated = true;
        return raw_.size();
      }
      const std::size_t index = message_.parts.size();
      Open open{index, 0, open_.empty() ? 0 : open_.back().messages, {}};
      open.body_at = read_part(at, parent);
      Part& part = message_.parts.back();
      const bool embeds = holds_message(part.type) && can_be_read(part, open.body_at);
      const bool deep = (part.type.type == "multipart" || embeds) && part.depth >= options_.depth;
      const bool nested = embeds && open.messages >= options_.nested_messages;
      if (deep || nested) message_.truncated = true;
      if (part.type.type == "multipart" && !deep) open.boundary = boundary_of(part.type, open.body_at);
      if (!open.boundary.empty()) ++boundaries_;
      if (embeds && !deep && !nested) ++open.messages;
      const bool look_into = embeds && !deep && !nested;
      open_.push_back(open);
      if (!look_into) return open.body_at;
      parent = index;
      at = behind_blank_lines(open.body_at);
    }
  }

  // Appends the part; returns where its body begins.
  std::size_t read_part(std::size_t at, std::size_t parent) {
    Part part;
    const bool message = parent == Part::kNone || holds_message(message_.parts[parent].type);
    part.header = message ? HeaderBlock::parse_message(raw_.substr(at)) : HeaderBlock::parse(raw_.substr(at));
    part.parent = parent;
    if (part.header.truncated()) message_.truncated = true;
    if (parent != Part::kNone) {
      const Part& above = message_.parts[parent];
      part.depth = above.depth + 1;
      part.inside_message = above.inside_message || holds_message(above.type);
      if (above.type.is("multipart", "digest")) {
        part.type.type = "message";
        part.type.subtype = "rfc822";
      }
    }
    const Field* type = nullptr;
    const Field* encoding = nullptr;
    for (const Field& field : part.header.fields()) {
      if (field.name.size() == 12 && type == nullptr && ascii::iequals(field.name, "Content-Type")) type = &field;
      if (field.name.size() == 25 && encoding == nullptr && ascii::iequals(field.name, "Content-Transfer-Encoding")) {
        encoding = &field;
      }
    }
    if (type != nullptr) {
      part.type = parse_content_type(type->value);
      part.declared_type = true;
    }
    if (encoding != nullptr) part.encoding = parse_encoding(encoding->value);
    message_.parts.push_back(std::move(part));
    return at + message_.parts.back().header.body_offset();
  }

  // Corrects a declared encoding that isn't there.
  bool can_be_read(Part& part, std::size_t body_at) {
    if (part.encoding == TransferEncoding::Identity) return true;
    if (!is_plain_header(raw_.substr(body_at, kSniffBytes), part.encoding)) return false;
    part.encoding = TransferEncoding::Identity;
    return true;
  }

  [[nodiscard]] std::size_t behind_blank_lines(std::size_t at) const {
    std::size_t skipped = at;
    for (unsigned i = 0; i < kBlankLines && skipped < raw_.size(); ++i) {
      if (raw_[skipped] != '\n' && raw_[skipped] != '\r') break;
      skipped = behind_line(raw_, skipped);
    }
    return skipped != at && is_field_like(raw_.substr(skipped, 80)) ? skipped : at;
  }

  // The declared boundary if there is such a line; else what looks like one.
  std::string boundary_of(const ContentType& type, std::size_t body_at) {
    std::string declared(type.parameter("boundary"));
    while (!declared.empty() && ascii::is_blank(declared.back())) declared.pop_back();
    if (declared.size() > kMaxBoundary) declared.clear();
    if (!declared.empty() && occurs("--" + declared, body_at)) return declared;
    std::string guessed = guess_boundary(body_at);
    return guessed.empty() ? declared : guessed;
  }

  // True also when so much was searched already that one more search might make the scan slow.
  bool occurs(const std::string& text, std::size_t from) {
    const std::string_view region = raw_.substr(from, searchable_);
    const void* const found = memmem(region.data(), region.size(), text.data(), text.size());
    if (found == nullptr) {
      searchable_ -= region.size();
      return searchable_ == 0;
    }
    searchable_ -= static_cast<std::size_t>(static_cast<const char*>(found) - region.data());
    return true;
  }

  // The first line of two hyphens that a header of a part follows, before the boundary of an open part.
  [[nodiscard]] std::string guess_boundary(std::size_t body_at) const {
    const std::string_view text = raw_.substr(0, body_at + std::min(kGuessBytes, raw_.size() - body_at));
    for (std::size_t at = body_at; at < text.size(); at = behind_line(text, at)) {
      if (!text.substr(at).starts_with("--")) continue;
      const std::string_view line = line_at(text, at);
      if (line.size() < 3) continue;
      if (find_delimiter(line)) return {};
      const bool part_follows = ascii::istarts_with(text.substr(behind_line(text, at)), "Content-");
      if (part_follows && line.size() <= kMaxBoundary) return std::string(line.substr(2));
    }
    return {};
  }

  std::string_view raw_;
  ScanOptions options_;
  Message message_;
  std::vector<Open> open_;
  std::size_t boundaries_ = 0;  // of open_
  std::size_t searchable_;      // octets that may still be searched for declared boundaries
  bool full_ = false;
};

}  // namespace

std::vector<std::size_t> Message::children(std::size_t part) const {
  std::vector<std::size_t> out;
  for (std::size_t i = part + 1; i < parts.size(); ++i) {
    if (parts[i].parent == part) out.push_back(i);
  }
  return out;
}

Message scan_message(std::string_view raw, const ScanOptions& options) {
  return Scanner(raw, options).run();
}

}  // namespace anechoic::mail
