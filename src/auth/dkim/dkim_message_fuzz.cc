// SPDX-License-Identifier: Apache-2.0
// A whole message, and the key record of all its signatures: the first line of the input.
#include <algorithm>

#include "testing/dkim_check.h"
#include "testing/fuzz_input.h"

namespace {

using namespace anechoic;

// One record for every name.
class OneRecord final : public auth::Resolver {
 public:
  explicit OneRecord(std::string_view text) : text_(text) {}
  void resolve(const auth::Question& /*question*/, SteadyTime /*deadline*/, Callback callback) override {
    auth::Answer answer{.found = auth::Found::Records, .records = {dns::Txt{std::string(text_)}}};
    callback(std::make_shared<const auth::Answer>(std::move(answer)));
  }

 private:
  std::string_view text_;
};

std::vector<auth::dkim::Outcome> verify(std::string_view record, std::string_view message, std::uint32_t seed) {
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
  auth::dkim::BodyDigests digests;
  auth::dkim::Verification verification(header, digests, {});
  testing::in_pieces(message.substr(header.body_offset()), seed, [&](std::string_view piece) { digests.feed(piece); });
  digests.finish();
  OneRecord resolver(record);
  const testing::FakeClock clock;
  auth::Lookups lookups(resolver, clock, {});
  crypto::PublicKeys keys;
  std::vector<auth::dkim::Outcome> outcomes;
  start(verification.finish(lookups, keys, testing::at_second(1'700'000'000)),
        [&](std::vector<auth::dkim::Outcome> found) { outcomes = std::move(found); });
  testing::require(lookups.asked() <= 10, "no more keys than signatures");
  return outcomes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using auth::dkim::Result;
  std::string_view text = testing::as_text(data, size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view record = text.substr(0, line);
  const std::string message = testing::with_crlf(text.substr(std::min(line + 1, text.size())));
  const auto outcomes = verify(record, message, 0);
  const auto again = verify(record, message, static_cast<std::uint32_t>(size) + 1);
  testing::require(outcomes.size() == again.size(), "pieces change nothing");
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    testing::require(outcomes[i].result == again[i].result && outcomes[i].reason == again[i].reason, "nor results");
    testing::require(outcomes[i].result != Result::None && outcomes[i].result != Result::TempError, "an outcome");
    testing::require(outcomes[i].reason.empty() == (outcomes[i].result == Result::Pass), "with a reason");
    testing::require(auth::dkim::printable(outcomes[i].reason, 1000) == outcomes[i].reason, "for people");
    testing::require(i < 10 || outcomes[i].result == Result::Policy, "the first ten");
  }
  return 0;
}
