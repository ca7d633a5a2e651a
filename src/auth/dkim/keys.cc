// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/keys.h"

#include <algorithm>

namespace anechoic::auth::dkim {

namespace {

FetchedKeys read_answer(const dns::Name& name, const Answer& answer) {
  FetchedKeys fetched;
  const std::string where = " at " + name.to_string();
  if (answer.found != Found::Records) {
    fetched.result = is_definite(answer.found) ? Result::PermError : Result::TempError;
    fetched.reason = is_definite(answer.found) ? "there is no key" + where
                                               : "the key" + where + " could not be fetched: " +
                                                     (answer.detail.empty() ? std::string(to_string(answer.found))
                                                                            : printable(answer.detail, 128));
    return fetched;
  }
  std::string wrong;
  for (const dns::Rdata& rdata : answer.records) {
    const auto* const txt = std::get_if<dns::Txt>(&rdata);
    if (txt == nullptr) continue;
    if (auto record = parse_key_record(txt->text)) {
      fetched.records.push_back(std::move(*record));
      if (fetched.records.size() == KeyFetcher::kMostRecords) break;
    } else {
      wrong = printable(record.error().detail, 128);
    }
  }
  if (fetched.records.empty()) {
    fetched.result = Result::PermError;
    fetched.reason = "what is" + where + " is no key: " + wrong;
  }
  return fetched;
}

Checked permerror(std::string reason) {
  return {.result = Result::PermError, .reason = std::move(reason)};
}

Checked check_record(const Signature& signature, const KeyRecord& record, std::string_view digest,
                     crypto::PublicKeys& keys, const VerifyOptions& options) {
  if (record.revoked()) return permerror("the key was revoked");
  if (!record.type) return permerror("the key is of an unknown kind (k=)");
  if (record.type != signature.key) return permerror("the key is for another algorithm than the signature");
  if (!record.sha256) return permerror("the key is not for SHA-256 (h= of the key)");
  if (!record.email) return permerror("the key is not for mail (s= of the key)");
  if (record.strict && signature.identity_domain != signature.domain)
    return permerror("the key forbids subdomains in i= (t=s)");
  const auto key = keys.get(*record.type, record.key);
  if (!key) return permerror("the key can't be used: " + key.error().detail);
  Checked checked{.result = Result::Pass, .reason = {}, .key_bits = (*key)->bits(), .testing = record.testing};
  if (*record.type == crypto::KeyType::Rsa &&
      (checked.key_bits < options.min_rsa_bits || checked.key_bits > options.max_rsa_bits)) {
    checked.result = Result::Policy;
    checked.reason = "the key has " + std::to_string(checked.key_bits) + " bits; " +
                     std::to_string(options.min_rsa_bits) + " to " + std::to_string(options.max_rsa_bits) +
                     " are accepted";
  } else if (!(*key)->verifies(digest, signature.signature)) {
    checked.result = Result::Fail;
    checked.reason = "a signed header field was changed, or the signature is not of this key";
  }
  return checked;
}

// Which of two records' outcomes says more.
int rank(Result result) {
  if (result == Result::Pass) return 3;
  if (result == Result::Fail) return 2;
  return result == Result::Policy ? 1 : 0;
}

}  // namespace

Task<std::shared_ptr<const FetchedKeys>> KeyFetcher::get(dns::Name name) {
  const auto there = std::ranges::find(entries_, name, &Entry::name);
  if (there != entries_.end()) co_return there->keys;
  const SharedAnswer answer = co_await lookups_.ask(name, dns::Type::Txt);
  auto keys = std::make_shared<const FetchedKeys>(read_answer(name, *answer));
  entries_.push_back({std::move(name), keys});
  co_return keys;
}

Checked check_value(const Signature& signature, const FetchedKeys& fetched, std::string_view digest,
                    crypto::PublicKeys& keys, const VerifyOptions& options) {
  if (fetched.result != Result::Pass) return {.result = fetched.result, .reason = fetched.reason};
  std::optional<Checked> best;
  for (const KeyRecord& record : fetched.records) {
    Checked checked = check_record(signature, record, digest, keys, options);
    if (!best || rank(checked.result) > rank(best->result)) best = std::move(checked);
    if (best->result == Result::Pass) break;
  }
  return best.value_or(permerror("there is no key"));
}

}  // namespace anechoic::auth::dkim
