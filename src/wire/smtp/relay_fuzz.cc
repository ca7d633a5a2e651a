// SPDX-License-Identifier: Apache-2.0
// The first two octets are the configuration, each further one a choice of the model; without more, all goes well.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "testing/relay_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace model = anechoic::smtp::model;
  if (size < 2) return 0;
  model::Config config;
  config.lmtp = (data[0] & 1U) != 0;
  config.batch = (data[0] & 2U) != 0;
  config.remembered = (data[0] & 4U) != 0;
  config.options.soft_bounce = (data[0] & 8U) != 0;
  config.options.attempts = (data[0] >> 4U) % 5;
  config.recipients = 1 + data[1] % 40;
  std::size_t at = 2;
  const model::Choose choose = [&](unsigned options) { return at < size ? data[at++] % options : 0; };
  if (model::Model(config, choose).run().empty()) return 0;
  at = 2;
  model::Model story(config, choose, true);
  const std::string error = story.run();
  std::fprintf(stderr, "%s\n%s", error.c_str(), story.trace().c_str());
  std::abort();
}
