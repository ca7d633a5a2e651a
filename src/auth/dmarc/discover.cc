// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/discover.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "wire/dns/idn.h"

namespace anechoic::auth::dmarc {

namespace {

// Labels that are left when the walk has gone up from a long name.
constexpr std::size_t kShortcut = 7;

bool is_domain_octet(char c) {
  return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_';
}

AtName read_answer(const Answer& answer) {
  AtName at;
  if (!is_definite(answer.found)) {
    at.failure = answer.detail.empty() ? std::string(to_string(answer.found)) : answer.detail;
    return at;
  }
  unsigned count = 0;
  for (const dns::Rdata& data : answer.records) {
    const auto* const txt = std::get_if<dns::Txt>(&data);
    if (txt == nullptr) continue;
    std::optional<Record> record = parse_record(txt->text);
    if (!record) continue;
    if (++count > 1) {
      at.record.reset();
      break;
    }
    at.record = std::move(record);
  }
  return at;
}

}  // namespace

anechoic::Result<dns::Name> to_name(std::string_view domain) {
  const anechoic::Result<std::string> labels = dns::to_a_labels(domain);
  if (!labels) return std::unexpected(labels.error());
  // Name::parse() takes escapes, which mail does not have.
  if (labels->empty() || !std::ranges::all_of(*labels, is_domain_octet)) {
    return fail(Errc::Syntax, "not a domain name");
  }
  anechoic::Result<dns::Name> name = dns::Name::parse(*labels);
  if (name && name->is_root()) return fail(Errc::Syntax, "not a domain name");
  return name;
}

std::vector<dns::Name> walk_targets(const dns::Name& start) {
  std::vector<dns::Name> targets;
  if (start.is_root()) return targets;
  targets.push_back(start);
  const std::size_t above = std::min(start.labels() - 1, kShortcut);
  for (std::size_t labels = above; labels > 0; --labels) targets.push_back(start.last(labels));
  return targets;
}

Task<const AtName*> Records::at(dns::Name domain) {
  if (const auto known = known_.find(domain); known != known_.end()) co_return &known->second;
  AtName at;
  // A name so long that nothing fits in front of it has no record.
  if (const anechoic::Result<dns::Name> asked = domain.prefixed("_dmarc")) {
    const SharedAnswer answer = co_await lookups_.ask(*asked, dns::Type::Txt);
    at = read_answer(*answer);
  }
  co_return &known_.try_emplace(std::move(domain), std::move(at)).first->second;
}

Task<Walk> walk_tree(Records& records, dns::Name start) {
  Walk walk;
  walk.start = start;
  const std::vector<dns::Name> targets = walk_targets(start);
  for (const dns::Name& target : targets) {
    const AtName* const at = co_await records.at(target);
    if (at->failed()) {
      walk.failed = target;
      walk.failure = at->failure;
      break;
    }
    if (!at->record) continue;
    walk.found.push_back({target, &*at->record});
    if (at->record->psd != Psd::Unknown) break;
  }
  co_return walk;
}

dns::Name organizational_domain(const Walk& walk) {
  for (const Walk::Stop& stop : walk.found) {
    if (stop.record->psd == Psd::No) return stop.domain;
    if (stop.record->psd == Psd::Yes && stop.domain != walk.start) return walk.start.last(stop.domain.labels() + 1);
  }
  return walk.found.empty() ? walk.start : walk.found.back().domain;
}

const Walk::Stop* applicable_record(const Walk& walk) {
  if (!walk.found.empty() && walk.found.front().domain == walk.start) return &walk.found.front();
  if (walk.failed || walk.found.empty()) return nullptr;
  const dns::Name organization = organizational_domain(walk);
  const Walk::Stop& top = walk.found.back();
  for (const Walk::Stop& stop : walk.found) {
    if (stop.domain == organization) return &stop;
  }
  return top.record->psd == Psd::Yes ? &top : nullptr;
}

}  // namespace anechoic::auth::dmarc
