// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/parts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"
#include "mail/dsn/original.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kTextParts = 4;

bool is_status(const ContentType& type) {
  return type.type == "message" && (type.subtype == "delivery-status" || type.subtype == "global-delivery-status");
}

bool is_disposition(const ContentType& type) {
  return type.type == "message" &&
         (type.subtype == "disposition-notification" || type.subtype == "global-disposition-notification");
}

// Some send plain text and call it HTML.
bool has_markup(std::string_view text) {
  const std::string folded = ascii::lower(text);
  constexpr std::array<std::string_view, 8> kTags{"<br", "<p>", "<p ", "<div", "<html", "<body", "<td", "<pre"};
  return std::ranges::any_of(kTags, [&](std::string_view tag) { return folded.contains(tag); });
}

}  // namespace

std::string text_of(const Part& part, std::size_t limit) {
  std::string text = decode_text(part, limit);
  return part.type.subtype == "html" && has_markup(text) ? html_to_text(text, limit) : text;
}

SpeakingParts find_speaking_parts(const Message& message) {
  SpeakingParts found;
  std::vector<std::size_t> html;
  for (std::size_t i = 0; i < message.parts.size(); ++i) {
    const Part& part = message.parts[i];
    if (part.inside_message) continue;
    if (is_status(part.type)) {
      found.status.push_back(i);
    } else if (is_disposition(part.type)) {
      found.disposition = i;
    } else if (part.type.is("message", "feedback-report")) {
      found.feedback = i;
    } else if (i > 0 && is_returned_message(part.type)) {
      if (found.original == Part::kNone) found.original = i;
    } else if (part.type.is("text", "plain")) {
      if (found.text.size() < kTextParts) found.text.push_back(i);
    } else if (part.type.is("text", "html")) {
      if (html.size() < kTextParts) html.push_back(i);
    }
  }
  found.text.insert(found.text.end(), html.begin(), html.end());
  return found;
}

bool is_report(const Message& message) {
  return message.parts.front().type.is("multipart", "report");
}

}  // namespace anechoic::mail::dsn
