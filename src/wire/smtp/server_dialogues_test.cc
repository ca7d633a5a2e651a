// SPDX-License-Identifier: Apache-2.0
// Every file of testdata/ as it stands, line by line, octet by octet, and broken behind each line.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "testing/server_dialogue.h"

namespace anechoic::smtp {
namespace {

using testing::Dialogue;
using testing::ServerDialogue;

std::vector<std::string> files() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(ANECHOIC_SOURCE_DIR "/src/wire/smtp/testdata")) {
    if (entry.path().extension() == ".smtp") out.push_back(entry.path().string());
  }
  std::ranges::sort(out);
  return out;
}

void expect_as_written(const ServerDialogue& run, const Dialogue& dialogue) {
  EXPECT_EQ(run.owner.output, dialogue.output);
  EXPECT_EQ(run.bodies(), dialogue.bodies);
  EXPECT_EQ(run.owner.events, dialogue.events);
  EXPECT_EQ(run.owner.broken, "");
}

class ServerDialogues : public ::testing::TestWithParam<std::string> {
 protected:
  Dialogue dialogue_ = testing::read_dialogue(GetParam());
};

TEST_P(ServerDialogues, RunInGroups) {
  ServerDialogue run(dialogue_);
  for (const std::string& group : dialogue_.groups()) run.feed(group);
  expect_as_written(run, dialogue_);
}

TEST_P(ServerDialogues, RunLineByLine) {
  ServerDialogue run(dialogue_);
  for (const auto& input : dialogue_.inputs) run.feed(input.octets);
  expect_as_written(run, dialogue_);
}

TEST_P(ServerDialogues, RunOctetByOctet) {
  ServerDialogue run(dialogue_);
  for (const auto& input : dialogue_.inputs) {
    for (const char& octet : input.octets) run.feed({&octet, 1});
  }
  expect_as_written(run, dialogue_);
}

// The part that was said leaves the part that is expected, whatever happens behind it.
TEST_P(ServerDialogues, BreakBehindEachLine) {
  for (std::size_t lines = 0; lines <= dialogue_.inputs.size(); ++lines) {
    for (const bool half_line : {false, true}) {
      for (const std::string_view garbage : {"", "\xFF\xFE\0\x16\x03\x01", "\r\n\r\n", "\n.\n"}) {
        ServerDialogue run(dialogue_);
        for (std::size_t i = 0; i < lines; ++i) run.feed(dialogue_.inputs[i].octets);
        if (half_line && lines < dialogue_.inputs.size()) {
          const std::string& next = dialogue_.inputs[lines].octets;
          run.feed(std::string_view(next).substr(0, next.size() / 2));
        }
        const std::string heard = run.owner.output;
        EXPECT_EQ(heard, dialogue_.output.substr(0, heard.size()));
        if (!garbage.empty()) run.feed(garbage);
        run.session().shut_down({421, {4, 3, 2}, "Going down"});
        run.owner.drive(run.session());
        EXPECT_TRUE(run.owner.closed);
        EXPECT_EQ(run.owner.broken, "");
        const std::size_t events = run.owner.events.size() - 1;  // but for the Closed that we made
        for (std::size_t i = 0; i < std::min(events, dialogue_.events.size()) && garbage.empty(); ++i) {
          EXPECT_EQ(run.owner.events[i], dialogue_.events[i]);
        }
        run.feed("NOOP\r\n");
        EXPECT_FALSE(run.session().has_output());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ServerDialogues, ::testing::ValuesIn(files()), [](const auto& param) {
  std::string name = std::filesystem::path(param.param).stem().string();
  for (char& c : name) c = ascii::is_alnum(c) ? c : '_';
  return name;
});

}  // namespace
}  // namespace anechoic::smtp
