// SPDX-License-Identifier: Apache-2.0
// The ports of a probe source as a test wants them: a backend that answers by a list, at once or when told; a store in
// memory.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "outside/recipients/cache_store.h"
#include "outside/recipients/prober.h"

namespace anechoic::testing {

class ScriptedProber final : public recipients::Prober {
 public:
  void probe(const mail::Mailbox& recipient, Done done) override {
    asked.push_back(mail::to_string(recipient));
    if (later) {
      open.emplace_back(recipient, std::move(done));
    } else {
      done(answer(recipient));
    }
  }
  // Answers the oldest open probe.
  void answer_next() {
    auto [recipient, done] = std::move(open.front());
    open.pop_front();
    done(answer(recipient));
  }
  void answer_all() {
    while (!open.empty()) {
      answer_next();
    }
  }
  [[nodiscard]] Result<smtp::Reply> answer(const mail::Mailbox& recipient) const {
    if (!reachable) {
      return fail(Errc::Unavailable, "connection refused");
    }
    if (busy) {
      return smtp::Reply{451, {4, 7, 1}, "Greylisted"};
    }
    const std::string address = mail::to_string(recipient);
    if (accepts_all || std::ranges::find(known, address) != known.end()) {
      return smtp::Reply{250, {2, 1, 5}, "Ok"};
    }
    return smtp::Reply{550, {5, 1, 1}, "User unknown"};
  }
  // How often an address of this shape was asked for.
  [[nodiscard]] long count(std::string_view part) const {
    return std::ranges::count_if(asked, [&](const std::string& a) { return a.find(part) != std::string::npos; });
  }

  bool later = false;
  bool reachable = true;
  bool busy = false;
  bool accepts_all = false;
  std::vector<std::string> known;
  std::vector<std::string> asked;
  std::deque<std::pair<mail::Mailbox, Done>> open;
};

class KeptCache final : public recipients::RecipientCacheStore {
 public:
  Result<std::vector<recipients::CachedRecipient>> load(std::string_view source, WallTime now,
                                                        std::size_t limit) override {
    std::vector<recipients::CachedRecipient> found;
    for (const auto& [key, row] : rows) {
      if (row.source == source && row.expires > now) {
        found.push_back(row);
      }
    }
    std::ranges::sort(found, std::ranges::greater{}, &recipients::CachedRecipient::asked_at);
    found.resize(std::min(found.size(), limit));
    return found;
  }
  void put(recipients::CachedRecipient row) override {
    ++puts;
    auto key = std::pair(row.source, row.address);
    rows.insert_or_assign(std::move(key), std::move(row));
  }
  void erase(std::string_view source, std::string_view address) override {
    rows.erase({std::string(source), std::string(address)});
  }

  std::map<std::pair<std::string, std::string>, recipients::CachedRecipient> rows;
  int puts = 0;
};

}  // namespace anechoic::testing
