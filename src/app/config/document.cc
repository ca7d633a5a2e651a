// SPDX-License-Identifier: Apache-2.0
#include "app/config/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/config/table.h"
#include "app/config/values.h"

namespace anechoic::config {

namespace {

// Breaks a text into comment lines of at most 100 columns.
std::string comment(std::string_view text) {
  constexpr std::size_t kWidth = 100;
  std::string out;
  std::string line = "#";
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (line.size() + 1 + word.size() > kWidth) {
      out += line + '\n';
      line = "#";
    }
    line += ' ' + std::string(word);
  }
  return out + line + '\n';
}

std::string heading(const Table& table) {
  std::string name(table.name);
  const auto star = name.find('*');
  if (star == std::string::npos) return name;
  const bool quoted = table.sample_name.find('.') != std::string_view::npos;
  return name.replace(star, 1, quoted ? fmt::format("\"{}\"", table.sample_name) : std::string(table.sample_name));
}

// Bounds and choices, in words.
std::string accepted(const Setting& setting) {
  if (!setting.choices.empty()) {
    std::string all(setting.choices);
    for (auto bar = all.find('|'); bar != std::string::npos; bar = all.find('|')) all.replace(bar, 1, ", ");
    return all;
  }
  std::string text(describe(setting.kind));
  const auto bound = [&setting](std::uint64_t number) {
    return setting.kind == Kind::Size       ? size_text(number)
           : setting.kind == Kind::Duration ? duration_text(std::chrono::milliseconds(number))
                                            : std::to_string(number);
  };
  if (setting.least > 0) text += ", at least " + bound(setting.least);
  if (setting.most < static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    text += ", at most " + bound(setting.most);
  return text;
}

// A text for roff: no line begins with a control, backslashes and hyphens are literal.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\'')) out += "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string roff_setting(const Setting& setting) {
  std::string out = fmt::format(".TP\n\\fB{}\\fR = {}\n", roff(setting.key), roff(setting.fallback));
  out += roff(setting.doc) + '\n';
  out += fmt::format(".br\n({}{}{})\n", roff(accepted(setting)), setting.need == Need::Required ? "; required" : "",
                     setting.reload == Reload::Restart ? "; a change needs a restart" : "");
  return out;
}

}  // namespace

std::string example() {
  std::string out = comment(
      "Settings of anechoic. This file is printed by `anechoic config example`; each setting is explained in "
      "anechoic.toml(5) as well. What is commented out shows the default. `anechoic check -c FILE` tells whether a "
      "file is right.");
  for (const Table& table : tables()) {
    const bool optional = table.name == "relay.*" || table.name == "dns.stub.*";
    const std::string off = optional ? "#" : "";
    out += '\n' + comment(table.doc);
    if (!table.name.empty()) out += fmt::format("{}[{}]\n", off, heading(table));
    for (const Setting& setting : table.settings) {
      out += '\n' +
             comment(std::string(setting.doc) + (setting.choices.empty() ? "" : " One of: " + accepted(setting) + '.'));
      const bool set = !setting.sample.empty() && !optional;
      out += fmt::format("{}{} = {}\n", set ? "" : "#", setting.key, set ? setting.sample : setting.fallback);
    }
  }
  return out;
}

std::string manual_page() {
  std::string out =
      ".\\\" Printed by `anechoic config man`; do not edit.\n"
      ".TH ANECHOIC.TOML 5 \"\" \"anechoic\" \"File formats\"\n"
      ".SH NAME\n"
      "anechoic.toml \\- settings of the backscatter firewall anechoic\n"
      ".SH DESCRIPTION\n"
      "The file is TOML. It is read at start and, whole or not at all, on SIGHUP or \\fBanechoic reload\\fR.\n"
      "\\fBanechoic check \\-c\\fR \\fIFILE\\fR tells whether it is right and \\fBanechoic config example\\fR prints "
      "a\n"
      "commented one.\n"
      "Sizes are octets, or numbers with K, M, G or T (powers of 1024) in quotes. Durations are numbers with ms, s,\n"
      "m, h or d, in quotes. Lists of one element may be written without brackets. Each setting is shown with its\n"
      "default.\n";
  for (const Table& table : tables()) {
    std::string title(table.name);
    if (const auto star = title.find('*'); star != std::string::npos) title.replace(star, 1, "NAME");
    out += table.name.empty() ? ".SH \"TOP OF THE FILE\"\n" : fmt::format(".SH \"[{}]\"\n", title);
    out += roff(table.doc) + '\n';
    for (const Setting& setting : table.settings) out += roff_setting(setting);
  }
  out +=
      ".SH FILES\n"
      "/etc/anechoic/anechoic.toml\n"
      ".SH \"SEE ALSO\"\n"
      "\\fBanechoic\\fR(1)\n";
  return out;
}

}  // namespace anechoic::config
