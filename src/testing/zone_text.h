// SPDX-License-Identifier: Apache-2.0
// A resolver over a master file that stands in a test, CNAMEs followed; answers come at once, or when the test says so.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/lookup/resolver.h"
#include "wire/dns/zone_file.h"

namespace anechoic::testing {

class ZoneText final : public auth::Resolver {
 public:
  explicit ZoneText(std::string_view text) {
    auto file = dns::parse_zone_file(text);
    if (!file) {
      std::fprintf(stderr, "bad zone in a test: %s\n", file.error().detail.c_str());
      std::abort();
    }
    zone_ = std::move(file->zone);
  }
  ~ZoneText() override {
    while (answer_next()) {
    }
  }

  // Answers are held back until answer_next().
  void answer_later() { later_ = true; }
  [[nodiscard]] bool answer_next() {
    if (waiting_.empty()) return false;
    auto [answer, callback] = std::move(waiting_.front());
    waiting_.pop_front();
    callback(std::move(answer));
    return true;
  }
  // The question with that number, from 0, comes to `found`.
  void fail(std::size_t number, auth::Found found) { fail_ = {number, found}; }
  // Called at each question: what does the asker hold then?
  void on_question(std::function<void()> look) { on_question_ = std::move(look); }
  [[nodiscard]] const std::vector<auth::Question>& asked() const { return asked_; }

  void resolve(const auth::Question& question, SteadyTime /*deadline*/, Callback callback) override {
    if (on_question_) on_question_();
    auth::Answer answer = look(question);
    if (asked_.size() == fail_.first) answer = {.found = fail_.second, .records = {}};
    asked_.push_back(question);
    auto shared = std::make_shared<const auth::Answer>(std::move(answer));
    if (later_) {
      waiting_.emplace_back(std::move(shared), std::move(callback));
    } else {
      callback(std::move(shared));
    }
  }

 private:
  [[nodiscard]] auth::Answer look(const auth::Question& question) const {
    const dns::Zone::Look look = zone_.look(question.name, question.type);
    auth::Answer answer;
    answer.records.assign(look.records.begin(), look.records.end());
    answer.ttl = look.ttl;
    answer.detail = look.detail;
    switch (look.outcome) {
      case dns::Zone::Outcome::Records:
        answer.found = auth::Found::Records;
        break;
      case dns::Zone::Outcome::NoRecords:
        answer.found = auth::Found::NoRecords;
        break;
      case dns::Zone::Outcome::NoSuchName:
        answer.found = auth::Found::NoSuchName;
        break;
      case dns::Zone::Outcome::ServFail:
        answer.found = auth::Found::TemporaryFailure;
        break;
      case dns::Zone::Outcome::Timeout:
        answer.found = auth::Found::Timeout;
        break;
    }
    return answer;
  }

  dns::Zone zone_;
  std::vector<auth::Question> asked_;
  std::deque<std::pair<auth::SharedAnswer, Callback>> waiting_;
  std::pair<std::size_t, auth::Found> fail_{static_cast<std::size_t>(-1), auth::Found::Timeout};
  std::function<void()> on_question_;
  bool later_ = false;
};

}  // namespace anechoic::testing
