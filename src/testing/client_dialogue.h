// SPDX-License-Identifier: Apache-2.0
// Reads the dialogues of ClientSession (wire/smtp/testdata/client, format in the README there), their commands, and
// prints events the way they are written there.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "wire/smtp/client_session.h"

namespace anechoic::smtp::dialogue {

namespace fs = std::filesystem;

// The lines of testdata/client/*.dialogue; the format is in the README there.
struct Line {
  std::string what;  // "S:", "C:", "E:", ">", "close", "option"
  std::string text;
};

struct Dialogue {
  std::string name;
  ClientOptions options;
  std::vector<Line> lines;
};

inline void set_option(ClientOptions& options, const std::string& text) {
  if (text == "lmtp") options.protocol = Protocol::Lmtp;
  if (text == "tls=never") options.tls = TlsUse::Never;
  if (text == "tls=required") options.tls = TlsUse::Required;
  if (text == "xforward") options.xforward = true;
  if (text.starts_with("hostname ")) options.hostname = text.substr(9);
}

inline Dialogue read_dialogue(const fs::path& path) {
  Dialogue dialogue{path.stem().string(), {}, {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t space = std::min(line.find(' '), line.size());
    Line read{line.substr(0, space), space < line.size() ? line.substr(space + 1) : ""};
    if (read.what == "option") {
      set_option(dialogue.options, read.text);
    } else {
      dialogue.lines.push_back(read);
    }
  }
  return dialogue;
}

inline std::vector<Dialogue> dialogues() {
  std::vector<Dialogue> all;
  for (const auto& entry : fs::directory_iterator(ANECHOIC_SOURCE_DIR "/src/wire/smtp/testdata/client")) {
    if (entry.path().extension() == ".dialogue") all.push_back(read_dialogue(entry.path()));
  }
  std::ranges::sort(all, {}, &Dialogue::name);
  return all;
}

inline std::string print(const Reply& reply) {
  std::string out = std::to_string(reply.code);
  const EnhancedCode& e = reply.enhanced;
  if (e.present()) {
    out += " " + std::to_string(e.klass) + "." + std::to_string(e.subject) + "." + std::to_string(e.detail);
  }
  if (!reply.text.empty()) out += " ";
  for (const char c : reply.text) out += c == '\n' ? std::string(" / ") : std::string(1, c);
  return out;
}

inline std::string print(const Error& error, const std::optional<Reply>& reply) {
  return std::string(to_string(error.code)) + (reply ? " " + print(*reply) : "");
}

inline std::string print(const Capabilities& offered) {
  std::string out = "ready";
  if (offered.size) out += " size=" + std::to_string(*offered.size);
  if (offered.pipelining) out += " pipelining";
  if (offered.eightbitmime) out += " 8bitmime";
  if (offered.smtputf8) out += " smtputf8";
  if (offered.starttls) out += " starttls";
  if (offered.enhanced_codes) out += " codes";
  if (!offered.xforward.empty()) {
    std::string list = offered.xforward;
    std::ranges::replace(list, ' ', ',');
    out += " xforward=" + list;
  }
  return out;
}

struct Printer {
  std::string operator()(const MailReply& e) const { return "mail " + print(e.reply); }
  std::string operator()(const RcptReply& e) const { return "rcpt " + print(e.reply); }
  std::string operator()(const DataReply& e) const { return "data " + print(e.reply); }
  std::string operator()(const ResetReply& e) const { return "reset " + print(e.reply); }
  std::string operator()(const Lost& e) const { return "lost " + print(e.error, e.reply); }
  std::string operator()(const FinalReplies& e) const {
    std::string out = "final";
    for (const Reply& reply : e.replies) out += (out == "final" ? " " : " | ") + print(reply);
    return out;
  }
  std::string operator()(const ClientNeedInput& /*e*/) const { return "-"; }
  std::string operator()(const ClientStartTls& /*e*/) const { return "starttls"; }
  std::string operator()(const Ready& e) const { return print(e.capabilities); }
  std::string operator()(const NotReady& e) const { return "notready " + print(e.error, e.reply); }
  std::string operator()(const BackendEvent& e) const { return std::visit(*this, e); }
};

inline std::string print(const ClientEvent& event) {
  return std::visit(Printer{}, event);
}

inline mail::Mailbox mailbox(const std::string& address) {
  const std::size_t at = address.rfind('@');
  return {address.substr(0, at), address.substr(at + 1)};
}

inline SendMail mail_command(std::istringstream& words) {
  SendMail command;
  std::string word;
  words >> word;
  if (word != "<>") command.path.mailbox = mailbox(word);
  while (words >> word) {
    if (word.starts_with("size=")) command.parameters.size = std::stoull(word.substr(5));
    if (word == "8bit") command.parameters.body = Body::EightBitMime;
    if (word == "7bit") command.parameters.body = Body::SevenBit;
    if (word == "utf8") command.parameters.smtputf8 = true;
    if (word.starts_with("from=")) {
      command.identity = Identity{};
      command.identity->name = "";
      command.identity->addr = word.substr(5);
      command.identity->port = 4711;
      command.identity->proto = "ESMTP";
      command.identity->source = "REMOTE";
    }
    if (word.starts_with("helo=")) command.identity->helo = word.substr(5);
  }
  return command;
}

inline std::string unescape(std::string text) {
  for (const auto& [from, to] : {std::pair("\\r", "\r"), std::pair("\\n", "\n")}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) text.replace(at, 2, to);
  }
  return text;
}

}  // namespace anechoic::smtp::dialogue
