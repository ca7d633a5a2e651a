// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/utf8.h"
#include "mail/mime/message.h"
#include "testing/fuzz_input.h"

namespace {

using namespace anechoic;
using testing::require;

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check(const mail::Message& message, const mail::ScanOptions& options) {
  require(!message.parts.empty() && message.parts.size() <= std::max<std::size_t>(options.parts, 1), "parts: bounded");
  require(message.parts[0].parent == mail::Part::kNone && message.parts[0].depth == 0, "the first is the message");
  for (std::size_t i = 0; i < message.parts.size(); ++i) {
    const mail::Part& part = message.parts[i];
    require(inside(part.body, message.raw), "bodies lie inside the message");
    require(part.depth <= options.depth, "depth: bounded");
    for (const mail::Field& field : part.header.fields()) require(inside(field.raw, message.raw), "fields as well");
    for (const auto& [name, value] : part.type.parameters) require(value.size() <= 4096, "parameters: bounded");
    if (i != 0) {
      const mail::Part& parent = message.parts[part.parent];
      require(part.parent < i && part.depth == parent.depth + 1, "parents come first");
      require(inside(part.body, parent.body), "a part lies inside its parent");
      require(part.inside_message || !parent.inside_message, "what lies in a message stays there");
    }
    if (i > 3) continue;  // or the fuzzer is slow
    for (const std::size_t limit : {std::size_t{64}, message.raw.size()}) {
      require(mail::decode_body(part, limit).size() <= limit, "decoded: bounded");
      const std::string text = mail::decode_text(part, limit);
      require(text.size() <= limit && utf8::is_valid(text), "text: bounded UTF-8");
      const std::string html = mail::html_to_text(text, limit);
      require(html.size() <= limit && utf8::is_valid(html), "words of HTML: bounded UTF-8");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = testing::as_text(data, size);
  for (const mail::ScanOptions& options : {mail::ScanOptions{}, mail::ScanOptions{3, 2, 1}}) {
    const mail::Message message = mail::scan_message(text, options);
    check(message, options);
    const std::string words = mail::readable_text(message, 1000);
    require(words.size() <= 1000 && utf8::is_valid(words), "readable: bounded UTF-8");
  }
  (void)mail::parse_content_type(text);
  return 0;
}
