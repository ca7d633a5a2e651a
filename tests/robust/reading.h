// SPDX-License-Identifier: Apache-2.0
// Everything that the program reads out of one message.
#pragma once

#include <optional>
#include <string_view>

#include "judge/kind/classify.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"
#include "mail/mime/message.h"
#include "mail/received_trace.h"

namespace anechoic::reading {

class Readers {
 public:
  void read(std::string_view bytes) {
    const mail::Message message = mail::scan_message(bytes);
    seen_ += mail::readable_text(message, kTextBytes).size();
    for (const mail::Part& part : message.parts) {
      for (const mail::Field& field : part.header.fields()) seen_ += mail::decode_words(field.value).size();
      seen_ += mail::decode_text(part, kTextBytes).size();
    }
    seen_ += classifier_.classify({message, std::nullopt}).signals.size();
    seen_ += mail::read_trace(message.header()).size();
    seen_ += mail::parse_address_list(message.header().value("To")).size();
    seen_ += mail::parse_date(message.header().value("Date")).has_value() ? 1 : 0;
  }

 private:
  static constexpr std::size_t kTextBytes = 8192;
  judge::Classifier classifier_;
  std::size_t seen_ = 0;  // so that nothing of it can be left out
};

}  // namespace anechoic::reading
