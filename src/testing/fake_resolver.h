// SPDX-License-Identifier: Apache-2.0
// A resolver for tests: answers from a table, at once or when the test says so. Names that are not in it do not exist;
// a name with records of other types has none of the type asked. CNAMEs are not followed: use dns::Zone for that.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "auth/lookup/resolver.h"

namespace anechoic::testing {

class FakeResolver final : public auth::Resolver {
 public:
  ~FakeResolver() override {
    while (!waiting_.empty()) answer_next();
  }

  void add(std::string_view name, dns::Type type, dns::Rdata record) {
    Entry& entry = entries_[{dns::Name::parse(name).value(), type}];
    entry.found = auth::Found::Records;
    entry.records.push_back(std::move(record));
    ++names_[dns::Name::parse(name).value()];
  }
  void add_txt(std::string_view name, std::string text) { add(name, dns::Type::Txt, dns::Txt{std::move(text)}); }
  void add_a(std::string_view name, std::string_view address) {
    add(name, dns::Type::A, ip::parse_address(address).value());
  }
  // What a question about it comes to, e.g. Found::Timeout.
  void fail_with(std::string_view name, dns::Type type, auth::Found found) {
    entries_[{dns::Name::parse(name).value(), type}].found = found;
    ++names_[dns::Name::parse(name).value()];
  }
  // Answers are held back until answer_next().
  void answer_later() { later_ = true; }
  [[nodiscard]] std::size_t open() const { return waiting_.size(); }
  void answer_next() {
    auto [question, callback] = std::move(waiting_.front());
    waiting_.pop_front();
    callback(look(question));
  }
  [[nodiscard]] const std::vector<auth::Question>& asked() const { return asked_; }

  void resolve(const auth::Question& question, SteadyTime /*deadline*/, Callback callback) override {
    asked_.push_back(question);
    if (later_) {
      waiting_.emplace_back(question, std::move(callback));
    } else {
      callback(look(question));
    }
  }

 private:
  struct Entry {
    auth::Found found = auth::Found::NoRecords;
    std::vector<dns::Rdata> records;
  };
  [[nodiscard]] auth::SharedAnswer look(const auth::Question& question) const {
    auth::Answer answer;
    answer.ttl = std::chrono::seconds(300);
    const auto entry = entries_.find({question.name, question.type});
    if (entry != entries_.end()) {
      answer.found = entry->second.found;
      answer.records = entry->second.records;
    } else {
      answer.found = names_.contains(question.name) ? auth::Found::NoRecords : auth::Found::NoSuchName;
    }
    return std::make_shared<const auth::Answer>(std::move(answer));
  }

  std::map<std::pair<dns::Name, dns::Type>, Entry> entries_;
  std::map<dns::Name, int> names_;
  std::deque<std::pair<auth::Question, Callback>> waiting_;
  std::vector<auth::Question> asked_;
  bool later_ = false;
};

}  // namespace anechoic::testing
