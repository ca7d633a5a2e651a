// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/bdat_reader.h"

#include <algorithm>

namespace anechoic::smtp {
namespace {

BodyRules without_dots(BodyRules rules) {
  rules.dots = false;
  return rules;
}

}  // namespace

BdatReader::BdatReader(BodyRules rules) : scanner_(without_dots(rules)) {}

void BdatReader::begin_chunk(std::uint64_t octets, bool last) {
  remaining_ = octets;
  chunk_octets_ = octets;
  last_ = last;
  finishing_ = last;
}

std::string_view BdatReader::read(std::string_view& input) {
  const auto mine = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  std::string_view chunk = input.substr(0, mine);
  const std::string_view run = scanner_.read(chunk);
  const std::size_t taken = mine - chunk.size();
  input.remove_prefix(taken);
  remaining_ -= taken;
  if (!run.empty() || remaining_ > 0 || !finishing_) return run;
  finishing_ = false;
  return scanner_.finish();
}

}  // namespace anechoic::smtp
