// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/verify.h"

#include <algorithm>
#include <array>

#include "auth/dkim/canonical_header.h"
#include "auth/dkim/copied_fields.h"
#include "auth/dkim/keys.h"
#include "auth/dkim/signature.h"
#include "base/ascii.h"

namespace anechoic::auth::dkim {

namespace {

// People see them, and a message has one each (RFC 5322 3.6): a second one that is not signed beside a signed one was
// put there to be seen instead.
constexpr std::array<std::string_view, 8> kShownOnce{"from", "sender",  "reply-to", "to",
                                                     "cc",   "subject", "date",     "content-type"};

std::optional<std::string_view> added_field(const mail::HeaderBlock& header, const Signature& signature) {
  for (const std::string_view name : kShownOnce) {
    const auto listed = std::ranges::count(signature.headers, name);
    if (listed == 0) continue;
    const auto there = std::ranges::count_if(
        header.fields(), [&](const mail::Field& field) { return ascii::iequals(field.name, name); });
    if (there > listed) return name;
  }
  return std::nullopt;
}

struct Candidate {
  const mail::Field* field = nullptr;
  Signature signature;
  std::optional<std::size_t> body_digest;
  Outcome outcome;  // its result is None as long as it is not decided

  void decide(Result result, std::string reason) {
    outcome.result = result;
    outcome.reason = std::move(reason);
  }
  [[nodiscard]] bool decided() const { return outcome.result != Result::None; }
};

Outcome begin_outcome(const Signature& signature) {
  Outcome outcome;
  outcome.domain = signature.domain;
  outcome.selector = signature.selector;
  outcome.algorithm = signature.algorithm;
  outcome.identity = signature.identity;
  outcome.signature_head = signature.head;
  outcome.signed_headers = signature.headers;
  if (signature.signed_at)
    outcome.signed_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(*signature.signed_at)));
  return outcome;
}

}  // namespace

struct Verification::State {
  const mail::HeaderBlock& header;
  BodyDigests& digests;
  VerifyOptions options;
  std::vector<Candidate> candidates;

  void read(const mail::Field& field);
  void check_times(Candidate& candidate, WallTime now) const;
  void check_body(Candidate& candidate) const;
  void check_signature(Candidate& candidate, const FetchedKeys& fetched, crypto::PublicKeys& keys) const;
  Task<std::vector<Outcome>> finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now);
};

void Verification::State::read(const mail::Field& field) {
  Candidate& candidate = candidates.emplace_back();
  candidate.field = &field;
  if (candidates.size() > options.signatures)
    return candidate.decide(Result::Policy, "not looked at: only the first " + std::to_string(options.signatures) +
                                                " signatures of a message are");
  candidate.signature = parse_signature(field.value);
  const Signature& signature = candidate.signature;
  candidate.outcome = begin_outcome(signature);
  if (!signature.wrong.empty()) return candidate.decide(Result::PermError, signature.wrong);
  if (header.truncated()) return candidate.decide(Result::PermError, "the message's header is too large to be checked");
  candidate.body_digest = digests.want(signature.body, signature.body_length);
  if (!candidate.body_digest)
    candidate.decide(Result::Policy, "not looked at: the signatures cover too many different parts of the body");
}

void Verification::State::check_times(Candidate& candidate, WallTime now) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::int64_t skew = options.clock_skew.count();
  const Signature& signature = candidate.signature;
  if (signature.expires && static_cast<std::int64_t>(*signature.expires) + skew < seconds)
    return candidate.decide(Result::Policy, "the signature has expired");
  if (signature.signed_at && static_cast<std::int64_t>(*signature.signed_at) > seconds + skew)
    candidate.decide(Result::Policy, "the signature was made in the future");
}

void Verification::State::check_body(Candidate& candidate) const {
  const Signature& signature = candidate.signature;
  const std::uint64_t length = digests.length(signature.body);
  if (signature.body_length && *signature.body_length > length)
    return candidate.decide(Result::Fail, "the body is shorter than what was signed (l=)");
  candidate.outcome.partial_body = signature.body_length && *signature.body_length < length;
  if (digests.digest(*candidate.body_digest) != signature.body_hash)
    candidate.decide(Result::Fail, "the body was changed after it was signed");
}

void Verification::State::check_signature(Candidate& candidate, const FetchedKeys& fetched,
                                          crypto::PublicKeys& keys) const {
  const Signature& signature = candidate.signature;
  const auto fields = select_fields(header, signature.headers, candidate.field);
  HeaderHash hash(signature.header);
  hash.add(fields);
  const std::string digest = hash.finish(*candidate.field, signature.b);
  Checked checked = check_value(signature, fetched, digest, keys, options);
  candidate.outcome.key_bits = checked.key_bits;
  candidate.outcome.testing = checked.testing;
  candidate.decide(checked.result, std::move(checked.reason));
  if (checked.result == Result::Fail) {
    std::string names;
    for (const std::string& name : changed_fields(signature.copied, fields))
      names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) candidate.outcome.reason = names + " was changed after it was signed";
  } else if (checked.result == Result::Pass) {
    if (const auto added = added_field(header, signature))
      candidate.decide(Result::Policy,
                       "there is another field " + std::string(*added) + " beside the signed one, not signed");
  }
}

Task<std::vector<Outcome>> Verification::State::finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) {
  KeyFetcher fetcher(lookups);
  std::vector<Outcome> outcomes;
  outcomes.reserve(candidates.size());
  for (Candidate& candidate : candidates) {
    if (!candidate.decided()) check_times(candidate, now);
    if (!candidate.decided()) check_body(candidate);
    if (!candidate.decided()) {
      const auto fetched = co_await fetcher.get(candidate.signature.key_name);
      check_signature(candidate, *fetched, keys);
    }
    outcomes.push_back(candidate.outcome);
  }
  co_return outcomes;
}

Verification::Verification(const mail::HeaderBlock& header, BodyDigests& digests, VerifyOptions options)
    : state_(new State{.header = header, .digests = digests, .options = options, .candidates = {}}) {
  for (const mail::Field& field : header.fields()) {
    if (ascii::iequals(field.name, "DKIM-Signature")) state_->read(field);
  }
}

Verification::~Verification() = default;

Task<std::vector<Outcome>> Verification::finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) {
  return state_->finish(lookups, keys, now);
}

}  // namespace anechoic::auth::dkim
