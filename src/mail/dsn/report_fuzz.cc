// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "base/utf8.h"
#include "mail/dsn/bounce.h"
#include "mail/dsn/text_tools.h"
#include "testing/fuzz_input.h"

namespace {

using anechoic::testing::require;
namespace dsn = anechoic::mail::dsn;

void check_text(const std::string& text, std::size_t limit) {
  require(text.size() <= limit, "bounded");
  require(anechoic::utf8::is_valid(text), "valid UTF-8");
  require(text.find_first_of("\r\n") == std::string::npos, "one line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = anechoic::testing::as_text(data, size);
  const dsn::Bounce bounce = dsn::read_report(anechoic::mail::scan_message(bytes));
  require(bounce.recipients.size() <= dsn::kMaxRecipients, "recipients are bounded");
  for (const dsn::Recipient& recipient : bounce.recipients) {
    check_text(recipient.final, dsn::kMaxAddress);
    check_text(recipient.original, dsn::kMaxAddress);
    check_text(recipient.diagnostic, dsn::kMaxText);
    check_text(recipient.remote_mta, dsn::kMaxField);
    require(recipient.reply_code.empty() || recipient.reply_code.size() == 3, "a reply code has three digits");
    require(recipient.status.size() <= 9, "a status is short");
  }
  check_text(bounce.reporting_mta, dsn::kMaxField);
  check_text(bounce.envelope_id, dsn::kMaxField);
  check_text(bounce.feedback_type, dsn::kMaxField);
  check_text(bounce.original.message_id, dsn::kMaxField);
  check_text(bounce.original.from, dsn::kMaxAddress);
  check_text(bounce.original.to, dsn::kMaxAddress);
  check_text(bounce.original.envelope_from, dsn::kMaxAddress);
  check_text(bounce.original.subject, dsn::kMaxField);
  if (!bounce.returned_headers.empty()) {
    const std::less_equal<const char*> before;
    require(before(bytes.data(), bounce.returned_headers.data()), "returned headers lie in the message");
    require(before(bounce.returned_headers.data() + bounce.returned_headers.size(), bytes.data() + bytes.size()),
            "and end in it");
  }
  require((bounce.type == dsn::ReportType::None) == (bounce.shape == dsn::Shape::None), "a type has a shape");
  if (bounce.type == dsn::ReportType::None) require(bounce.recipients.empty(), "no report, no recipients");
  return 0;
}
