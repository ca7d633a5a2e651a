// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/body_digests.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "auth/dkim/canonical_body.h"
#include "crypto/digest.h"

namespace anechoic::auth::dkim {

namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

// One canonicalisation: one running digest, copied wherever an l= ends.
class Run final : BodySink {
 public:
  explicit Run(Canonicalization canonicalization) : canonicalizer_(canonicalization, *this) {}

  // Kept in order of the limit.
  void want(std::uint64_t limit) {
    const auto at = std::ranges::lower_bound(wishes_, limit, {}, &Wish::limit);
    if (at == wishes_.end() || at->limit != limit) wishes_.insert(at, Wish{limit, {}});
  }
  void feed(std::string_view bytes) { canonicalizer_.feed(bytes); }
  void finish() {
    canonicalizer_.finish();
    if (next_ == wishes_.size()) return;
    const std::string digest = digest_.finish();
    for (; next_ < wishes_.size(); ++next_) wishes_[next_].digest = digest;
  }
  [[nodiscard]] const std::string& digest(std::uint64_t limit) const {
    return std::ranges::lower_bound(wishes_, limit, {}, &Wish::limit)->digest;
  }
  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  struct Wish {
    std::uint64_t limit = kAll;
    std::string digest;
  };

  void write(std::string_view canonical) override {
    for (; next_ < wishes_.size() && wishes_[next_].limit - length_ <= canonical.size(); ++next_) {
      const auto part = static_cast<std::size_t>(wishes_[next_].limit - length_);
      digest_.update(canonical.substr(0, part));
      wishes_[next_].digest = digest_.copy().finish();
      length_ += part;
      canonical.remove_prefix(part);
    }
    if (next_ < wishes_.size()) digest_.update(canonical);
    length_ += canonical.size();
  }

  BodyCanonicalizer canonicalizer_;
  crypto::Sha256 digest_;
  std::vector<Wish> wishes_;
  std::size_t next_ = 0;
  std::uint64_t length_ = 0;
};

}  // namespace

struct BodyDigests::State {
  struct Wanted {
    Canonicalization canonicalization;
    std::uint64_t limit;
    friend bool operator==(const Wanted&, const Wanted&) = default;
  };
  std::array<std::unique_ptr<Run>, 2> runs;  // those that are wanted
  std::vector<Wanted> wanted;

  std::unique_ptr<Run>& run(Canonicalization canonicalization) {
    return runs.at(static_cast<std::size_t>(canonicalization));
  }
};

BodyDigests::BodyDigests() : state_(std::make_unique<State>()) {}
BodyDigests::~BodyDigests() = default;

std::optional<std::size_t> BodyDigests::want(Canonicalization canonicalization, std::optional<std::uint64_t> limit) {
  const State::Wanted wish{canonicalization, limit.value_or(kAll)};
  const auto there = std::ranges::find(state_->wanted, wish);
  if (there != state_->wanted.end()) return static_cast<std::size_t>(there - state_->wanted.begin());
  if (state_->wanted.size() == kMost) return std::nullopt;
  auto& run = state_->run(canonicalization);
  if (!run) run = std::make_unique<Run>(canonicalization);
  run->want(wish.limit);
  state_->wanted.push_back(wish);
  return state_->wanted.size() - 1;
}

void BodyDigests::feed(std::string_view bytes) {
  for (const auto& run : state_->runs) {
    if (run) run->feed(bytes);
  }
}

void BodyDigests::finish() {
  for (const auto& run : state_->runs) {
    if (run) run->finish();
  }
}

const std::string& BodyDigests::digest(std::size_t number) const {
  const State::Wanted& wish = state_->wanted.at(number);
  return state_->run(wish.canonicalization)->digest(wish.limit);
}

std::uint64_t BodyDigests::length(Canonicalization canonicalization) const {
  const auto& run = state_->run(canonicalization);
  return run ? run->length() : 0;
}

}  // namespace anechoic::auth::dkim
