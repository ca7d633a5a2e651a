// SPDX-License-Identifier: Apache-2.0
// Every way in which one thing goes wrong, in every step of a transaction, for one to three recipients and attempts;
// and two things where a second one meets the failover. The fuzz target goes further.
#include "testing/relay_model.h"

#include <gtest/gtest.h>

#include <vector>

namespace anechoic::smtp {
namespace {

// Walks through all sequences of choices that have at most `budget` bad ones, depth first.
class Walk {
 public:
  explicit Walk(unsigned budget) : budget_(budget) {}

  unsigned choose(unsigned options) {
    if (at_ == path_.size()) path_.push_back({0, options});
    return path_[at_++].taken;
  }

  void again() { at_ = 0; }
  // To the next sequence; false when there is none.
  bool advance() {
    at_ = 0;
    while (!path_.empty()) {
      Choice& last = path_.back();
      const unsigned others = bad(path_.size() - 1);
      if (last.taken + 1 < last.options && others < budget_) {
        ++last.taken;
        return true;
      }
      path_.pop_back();
    }
    return false;
  }

 private:
  struct Choice {
    unsigned taken;
    unsigned options;
  };
  [[nodiscard]] unsigned bad(std::size_t before) const {
    unsigned count = 0;
    for (std::size_t i = 0; i < before; ++i) count += path_[i].taken != 0 ? 1 : 0;
    return count;
  }

  unsigned budget_;
  std::size_t at_ = 0;
  std::vector<Choice> path_;
};

struct Space {
  unsigned recipients;
  unsigned attempts;
  unsigned budget;
  bool lmtp;
  bool remembered;
};

class RelayModel : public ::testing::TestWithParam<Space> {};

TEST_P(RelayModel, KeepsItsPromisesWhateverFails) {
  const Space& space = GetParam();
  for (const bool batch : {false, true}) {
    if (batch && space.recipients == 1) continue;  // there is nothing to batch
    model::Config config;
    config.recipients = space.recipients;
    config.options.attempts = space.attempts;
    config.options.soft_bounce = batch;
    config.lmtp = space.lmtp;
    config.batch = batch;
    config.remembered = space.remembered;
    Walk walk(space.budget);
    std::size_t runs = 0;
    do {
      const model::Choose choose = [&](unsigned options) { return walk.choose(options); };
      if (!model::Model(config, choose).run().empty()) {
        walk.again();
        model::Model story(config, choose, true);
        const std::string error = story.run();
        FAIL() << error << "\n" << story.trace();
      }
      ++runs;
    } while (walk.advance());
    RecordProperty(batch ? "batch" : "single", static_cast<int>(runs));
  }
}

INSTANTIATE_TEST_SUITE_P(Failures, RelayModel,
                         ::testing::Values(Space{1, 1, 2, false, false}, Space{1, 2, 2, false, false},
                                           Space{1, 3, 2, true, false}, Space{2, 1, 1, true, false},
                                           Space{2, 2, 2, true, false}, Space{2, 3, 1, false, false},
                                           Space{3, 1, 1, true, false}, Space{3, 2, 1, false, false},
                                           Space{3, 3, 2, true, false}, Space{1, 2, 2, true, true},
                                           Space{2, 2, 2, true, true}, Space{3, 1, 1, true, true}),
                         [](const auto& param) {
                           const Space& space = param.param;
                           return std::to_string(space.recipients) + "_recipients_" + std::to_string(space.attempts) +
                                  "_attempts_" + std::to_string(space.budget) + "_faults" +
                                  (space.lmtp ? "_lmtp" : "") + (space.remembered ? "_remembered" : "");
                         });

}  // namespace
}  // namespace anechoic::smtp
