// SPDX-License-Identifier: Apache-2.0
#include "base/ascii.h"
#include "base/utf8.h"
#include "mail/encoded_word.h"
#include "mail/transfer_encoding.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  std::string_view text = testing::as_text(data, size);
  const std::size_t limit = testing::take_octet(text) * 16U;
  const std::string words = mail::decode_words(text, limit);
  require(words.size() <= limit && utf8::is_valid(words), "words: bounded UTF-8");
  for (const char c : words) require(!ascii::is_control(c), "words: no control characters");

  const std::string_view charset = text.substr(0, text.find('\n'));
  text.remove_prefix(charset.size());
  const std::string converted = mail::to_utf8(text, charset, limit);
  require(converted.size() <= limit && utf8::is_valid(converted), "text: bounded UTF-8");
  for (const auto& decode :
       {mail::decode_base64, mail::decode_quoted_printable, mail::decode_q, mail::decode_uuencode}) {
    require(decode(text, limit).size() <= limit, "decoded: bounded");
    require(decode(text, size).size() <= size, "decoding makes nothing longer");
  }
  return 0;
}
