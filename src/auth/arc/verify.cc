// SPDX-License-Identifier: Apache-2.0
#include "auth/arc/verify.h"

#include <algorithm>

#include "auth/arc/chain.h"
#include "auth/dkim/canonical_header.h"
#include "auth/dkim/keys.h"

namespace anechoic::auth::arc {
namespace {

constexpr std::chrono::seconds kClockSkew{300};

// A way to read a message signature: that of its c=. Without c= it is simple/simple (RFC 6376 3.5), but some sealers
// leave it out and mean relaxed/relaxed, so both are tried.
struct Reading {
  dkim::Canonicalization header;
  dkim::Canonicalization body;
  std::optional<std::size_t> digest;  // nullopt: not to be had
};

Outcome failed(Outcome outcome, std::string reason) {
  outcome.result = Result::Fail;
  outcome.reason = std::move(reason);
  return outcome;
}

}  // namespace

std::string_view to_string(Result result) {
  switch (result) {
    case Result::None:
      return "none";
    case Result::Pass:
      return "pass";
    case Result::Fail:
      return "fail";
    case Result::TempError:
      return "temperror";
  }
  return "";
}

struct Verification::State {
  // What one signature came to.
  struct Checked {
    Result result = Result::Pass;
    std::string reason;
  };
  // What a finish() works with; it lives in that coroutine's frame.
  struct Work {
    dkim::KeyFetcher fetcher;
    crypto::PublicKeys& keys;
    WallTime now;
    std::vector<dns::Name> names;  // that keys were fetched for
  };

  State(const mail::HeaderBlock& block, dkim::BodyDigests& body, VerifyOptions given)
      : header(block), digests(body), options(std::move(given)), chain(read_chain(block)) {
    for (const Set& set : chain.sets) {
      const dkim::Signature& signature = set.message_signature;
      std::vector<Reading>& ways = readings.emplace_back();
      if (!signature.wrong.empty()) continue;
      ways.push_back({signature.header, signature.body, digests.want(signature.body, signature.body_length)});
      if (set.names_canonicalization) continue;
      constexpr auto kRelaxed = dkim::Canonicalization::Relaxed;
      ways.push_back({kRelaxed, kRelaxed, digests.want(kRelaxed, signature.body_length)});
    }
  }

  [[nodiscard]] Outcome describe() const;
  [[nodiscard]] bool admits(Work& work, const dns::Name& name) const;
  [[nodiscard]] std::vector<std::string> seal_digests() const;
  [[nodiscard]] std::string check_body(const dkim::Signature& signature, const Reading& reading) const;
  [[nodiscard]] bool is_partial(std::size_t index) const;
  [[nodiscard]] Task<Checked> check_value(Work& work, const dkim::Signature& signature, std::string digest) const;
  [[nodiscard]] Task<Checked> check_message(Work& work, std::size_t index) const;
  [[nodiscard]] Task<unsigned> find_oldest(Work& work) const;
  [[nodiscard]] Task<Outcome> finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) const;

  const mail::HeaderBlock& header;
  dkim::BodyDigests& digests;
  const VerifyOptions options;
  const Chain chain;
  std::vector<std::vector<Reading>> readings;  // of each message signature; none of one that is wrong
};

Outcome Verification::State::describe() const {
  Outcome outcome;
  for (const Set& set : chain.sets) outcome.sealers.push_back(set.seal_signature.domain);
  return outcome;
}

bool Verification::State::admits(Work& work, const dns::Name& name) const {
  if (std::ranges::find(work.names, name) != work.names.end()) return true;
  if (work.names.size() >= options.key_lookups) return false;
  work.names.push_back(name);
  return true;
}

// Of every seal: all fields of the sets before, its own set's two others, itself; always relaxed (5.1.1).
std::vector<std::string> Verification::State::seal_digests() const {
  std::vector<std::string> out;
  dkim::HeaderHash before(dkim::Canonicalization::Relaxed);
  for (const Set& set : chain.sets) {
    before.add(*set.results);
    before.add(*set.message);
    dkim::HeaderHash own = before;
    out.push_back(own.finish(*set.seal, set.seal_signature.b));
    before.add(*set.seal);
  }
  return out;
}

// What is wrong with the message signature before its key is needed, or "".
std::string Verification::State::check_body(const dkim::Signature& signature, const Reading& reading) const {
  if (!reading.digest) return "the signatures cover too many different parts of the body";
  if (signature.body_length && *signature.body_length > digests.length(reading.body)) {
    return "the body is shorter than what was signed (l=)";
  }
  if (digests.digest(*reading.digest) != signature.body_hash) return "the body was changed after it was signed";
  return {};
}

bool Verification::State::is_partial(std::size_t index) const {
  const dkim::Signature& signature = chain.sets[index].message_signature;
  return signature.body_length && *signature.body_length < digests.length(signature.body);
}

Task<Verification::State::Checked> Verification::State::check_value(Work& work, const dkim::Signature& signature,
                                                                    std::string digest) const {
  if (!admits(work, signature.key_name)) {
    co_return Checked{Result::Fail, "its keys are at more than " + std::to_string(options.key_lookups) + " names"};
  }
  const auto fetched = co_await work.fetcher.get(signature.key_name);
  dkim::Checked checked = dkim::check_value(signature, *fetched, digest, work.keys, {});
  if (checked.result == dkim::Result::Pass) co_return Checked{};
  const bool temporary = checked.result == dkim::Result::TempError;
  co_return Checked{temporary ? Result::TempError : Result::Fail, std::move(checked.reason)};
}

Task<Verification::State::Checked> Verification::State::check_message(Work& work, std::size_t index) const {
  const Set& set = chain.sets[index];
  const dkim::Signature& signature = set.message_signature;
  Checked checked{Result::Fail, signature.wrong};
  if (signature.expires && WallTime(std::chrono::seconds(*signature.expires)) + kClockSkew < work.now) {
    co_return Checked{Result::Fail, "it has expired"};
  }
  for (const Reading& reading : readings[index]) {
    checked = {Result::Fail, check_body(signature, reading)};
    if (!checked.reason.empty()) continue;
    dkim::HeaderHash hash(reading.header);
    hash.add(dkim::select_fields(header, signature.headers, set.message));
    checked = co_await check_value(work, signature, hash.finish(*set.message, signature.b));
    if (checked.result != Result::Fail) break;
  }
  co_return checked;
}

// 5.2 step 5. What can't be found out ends it like a failure: the answer is never too good.
Task<unsigned> Verification::State::find_oldest(Work& work) const {
  for (std::size_t i = chain.sets.size() - 1; i-- > 0;) {
    const Checked checked = co_await check_message(work, i);
    if (checked.result != Result::Pass) co_return static_cast<unsigned>(i + 2);
  }
  co_return 0;
}

Task<Outcome> Verification::State::finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) const {
  Outcome outcome = describe();
  if (!chain.there) co_return outcome;
  if (!chain.wrong.empty()) co_return failed(std::move(outcome), chain.wrong);
  Work work{.fetcher = dkim::KeyFetcher(lookups), .keys = keys, .now = now, .names = {}};
  const std::size_t newest = chain.sets.size() - 1;
  Checked checked = co_await check_message(work, newest);
  std::string what = "message signature " + std::to_string(newest + 1);
  const std::vector<std::string> digests_of_seals = seal_digests();
  for (std::size_t i = newest + 1; checked.result == Result::Pass && i-- > 0;) {
    what = "seal " + std::to_string(i + 1);
    checked = co_await check_value(work, chain.sets[i].seal_signature, digests_of_seals[i]);
  }
  outcome.result = checked.result;
  if (checked.result != Result::Pass) {
    outcome.reason = what + ": " + checked.reason;
    co_return outcome;
  }
  outcome.oldest_pass = co_await find_oldest(work);
  const bool listed = std::ranges::all_of(outcome.sealers, [&](const std::string& sealer) {
    return std::ranges::find(options.trusted_sealers, sealer) != options.trusted_sealers.end();
  });
  if (is_partial(newest)) {
    outcome.reason = "the message signature covers a part of the body only (l=)";
  } else if (listed) {
    outcome.trusted = true;
    if (const auto first = results_instance(chain.sets.front().results->value)) {
      outcome.first_results = mail::unfold(first->rest);
    }
  }
  co_return outcome;
}

Verification::Verification(const mail::HeaderBlock& header, dkim::BodyDigests& digests, VerifyOptions options)
    : state_(new State(header, digests, std::move(options))) {}

Verification::~Verification() = default;

Task<Outcome> Verification::finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) {
  return state_->finish(lookups, keys, now);
}

}  // namespace anechoic::auth::arc
