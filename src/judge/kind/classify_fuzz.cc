// SPDX-License-Identifier: Apache-2.0
// Any bytes are a message of some kind; every signal is of the closed set and small; the envelope may be anything.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "judge/kind/classify.h"
#include "judge/kind/signals.h"
#include "mail/mime/message.h"

namespace {

void ensure(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  static const judge::Classifier classifier;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::optional<std::string> envelope_from;
  if (bytes.starts_with('<')) {
    const std::size_t end = std::min(bytes.find('>'), bytes.size() - 1);
    envelope_from = std::string(bytes.substr(1, end - 1));
    bytes.remove_prefix(end + 1);
  }
  const mail::Message message = mail::scan_message(bytes);
  const judge::Classification found = classifier.classify({.message = message, .envelope_from = envelope_from});
  ensure(!judge::to_string(found.kind).empty());
  ensure(found.automatic == judge::is_automatic(found.kind));
  ensure(found.automatic || !found.phrases_only);
  ensure(found.signals.size() < judge::all_signals().size());
  for (const judge::Signal& signal : found.signals) {
    ensure(!signal.name.empty());
    ensure(signal.detail.size() <= 200);
  }
  return 0;
}
