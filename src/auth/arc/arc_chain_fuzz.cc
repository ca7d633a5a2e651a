// SPDX-License-Identifier: Apache-2.0
#include "auth/arc/chain.h"
#include "testing/fuzz_input.h"

// A message's header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view text = testing::as_text(data, size);
  const mail::HeaderBlock header = mail::HeaderBlock::parse_message(text);
  const auth::arc::Chain chain = auth::arc::read_chain(header);
  require(chain.there || chain.wrong.empty(), "nothing is not wrong");
  require(chain.wrong.empty() || chain.sets.empty(), "a wrong chain has no sets");
  require(chain.sets.size() <= auth::arc::kMostSets, "sets are bounded");
  require(chain.there == (!chain.wrong.empty() || !chain.sets.empty()), "what is there is a chain, or wrong");
  for (const char c : chain.wrong) require(c >= ' ' && c <= '~', "what is wrong is printable");
  unsigned number = 0;
  for (const auth::arc::Set& set : chain.sets) {
    const auto instance = auth::arc::results_instance(set.results->value);
    require(instance && instance->number == ++number, "sets are in order");
    require(set.seal_signature.wrong.empty() && !set.seal_signature.domain.empty(), "seals are well formed");
  }
  require(chain.sets.empty() || chain.sets.back().message_signature.wrong.empty(),
          "the newest signature is well formed");
  return 0;
}
