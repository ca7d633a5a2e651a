// SPDX-License-Identifier: Apache-2.0
// Dialogue files: what a client says and what it must hear, one line each, for any runner (a session without sockets, a
// live server).
//
//   # a comment
//   key: value          settings of the runner, before the first step
//   C: text             the client sends the line, with CRLF
//   R: text             the client sends this and nothing more; \r \n \t \0 \\ \xHH stand for octets
//   S: text             the server's next line must be this
//   B: text             the next line of the bodies that are accepted (\-escapes as above)
//   E: text             the next event, where the runner has them
//
// Inputs between two S lines are one group: a client may send them together.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace anechoic::testing {

struct Dialogue {
  struct Input {
    std::string octets;
    bool begins_group = false;
  };
  std::string name;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<Input> inputs;
  std::string output;  // all S lines with CRLF
  std::string bodies;  // all B lines with CRLF
  std::vector<std::string> events;

  [[nodiscard]] std::vector<std::string> groups() const {
    std::vector<std::string> out;
    for (const Input& input : inputs) {
      if (input.begins_group || out.empty()) out.emplace_back();
      out.back() += input.octets;
    }
    return out;
  }
};

inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case '0':
        out += '\0';
        break;
      case 'x':
        out += static_cast<char>(ascii::parse_number<unsigned char>(text.substr(i + 1, 2), 16).value());
        i += 2;
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

// Throws std::runtime_error with file and line if the file is not right.
inline Dialogue read_dialogue(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": can't be read");
  Dialogue dialogue;
  dialogue.name = path.substr(path.rfind('/') + 1);
  bool heard = true;
  unsigned number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) throw std::runtime_error(path + ":" + std::to_string(number) + ": no colon");
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(std::min(line.size(), colon + 2));
    if (key == "C" || key == "R") {
      dialogue.inputs.push_back({key == "C" ? value + "\r\n" : unescape(value), std::exchange(heard, false)});
    } else if (key == "S") {
      dialogue.output += value + "\r\n";
      heard = true;
    } else if (key == "B") {
      dialogue.bodies += unescape(value) + "\r\n";
    } else if (key == "E") {
      dialogue.events.push_back(value);
    } else {
      dialogue.settings.emplace_back(key, value);
    }
  }
  return dialogue;
}

}  // namespace anechoic::testing
