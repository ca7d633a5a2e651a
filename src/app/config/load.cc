// SPDX-License-Identifier: Apache-2.0
#include "app/config/load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>

#include "app/config/cross_check.h"
#include "app/config/read_value.h"
#include "app/config/table.h"
#include "app/config/tree.h"
#include "app/config/values.h"
#include "mail/address.h"
#include "observe/escape.h"

namespace anechoic::config {

namespace {

std::string_view parent_of(std::string_view table) {
  const auto dot = table.rfind('.');
  return dot == std::string_view::npos ? "" : table.substr(0, dot);
}

std::string_view last_of(std::string_view table) {
  const auto dot = table.rfind('.');
  return dot == std::string_view::npos ? table : table.substr(dot + 1);
}

// A key as TOML writes it: bare where it may be.
std::string key_text(std::string_view key) {
  const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? std::string(key) : observe::quote(key);
}

std::string join(std::string_view path, std::string_view key) {
  return path.empty() ? key_text(key) : std::string(path) + '.' + key_text(key);
}

class Loader {
 public:
  explicit Loader(std::string file) : file_(std::move(file)) {}

  LoadResult load(const Node& root) {
    read_table(*find_table(""), root.as<Node::Members>(), "", {});
    Findings findings = cross_check(draft_.settings, places_);
    // A name that points nowhere is noise when the table it points to could not be read.
    if (problems_.empty()) problems_ = std::move(findings.errors);
    if (!problems_.empty()) return std::unexpected(in_order(std::move(problems_)));
    Loaded loaded{.settings = std::move(draft_.settings),
                  .ruleset = {},
                  .warnings = in_order(std::move(findings.warnings)),
                  .values = std::move(values_)};
    loaded.ruleset = make_ruleset(loaded.settings);
    return loaded;
  }

 private:
  void complain(Position at, std::string text) {
    problems_.push_back({.file = file_, .at = at, .text = std::move(text)});
  }

  std::vector<Problem> in_order(std::vector<Problem> problems) const {
    for (Problem& problem : problems) problem.file = file_;
    std::ranges::sort(problems, {}, [](const Problem& p) { return std::tie(p.at, p.text); });
    return problems;
  }

  // `members` is null for a table that the file does not have: its defaults are stored all the same.
  void read_table(const Table& table, const Node::Members* members, const std::string& path, Position at) {
    std::set<std::string, std::less<>> known;
    for (const Setting& setting : table.settings) {
      known.emplace(setting.key);
      read_setting(setting, members, path, at);
    }
    for (const Table& child : tables()) {
      const std::string_view holder = parent_of(child.name);
      if (last_of(child.name) == "*") {
        if (parent_of(holder) != table.name || holder.empty()) continue;
        known.emplace(last_of(holder));
        if (const Node* node = table_member(members, last_of(holder), path, ".NAME"))
          read_named_tables(child, *node->as<Node::Members>(), join(path, last_of(holder)));
      } else if (!child.name.empty() && holder == table.name) {
        known.emplace(last_of(child.name));
        const Node* node = table_member(members, last_of(child.name), path);
        read_table(child, node ? node->as<Node::Members>() : nullptr, join(path, last_of(child.name)),
                   node ? node->key : at);
      }
    }
    if (members == nullptr) return;
    for (const auto& [key, node] : *members)
      if (!known.contains(key)) complain_unknown(table, key, path, known, node);
  }

  void read_setting(const Setting& setting, const Node::Members* members, const std::string& path, Position at) {
    const std::string full = join(path, setting.key);
    const Node* given = nullptr;
    if (members != nullptr) {
      const auto found = members->find(setting.key);
      if (found != members->end()) given = &found->second;
    }
    if (given == nullptr && setting.need == Need::Required)
      complain(at, fmt::format("[{}] needs {} = {}", path, setting.key, describe(setting.kind)));
    if (given != nullptr) places_[full] = given->at;
    const auto fallback = parse_tree("v = " + std::string(setting.fallback), "");
    const Node& node = given != nullptr ? *given : fallback->as<Node::Members>()->at("v");
    const auto value = read_value(setting, node);
    if (!value) {
      for (const Problem& problem : value.error()) complain(problem.at, problem.text);
      return;
    }
    values_.insert_or_assign(full, Entered{to_text(*value), setting.reload});
    setting.store(draft_, *value);
  }

  // The member of this name, if the file has it and it is a table.
  const Node* table_member(const Node::Members* members, std::string_view key, const std::string& path,
                           std::string_view behind = "") {
    if (members == nullptr) return nullptr;
    const auto found = members->find(key);
    if (found == members->end()) return nullptr;
    places_[join(path, key)] = found->second.key;
    if (found->second.as<Node::Members>() != nullptr) return &found->second;
    complain(found->second.key, fmt::format("{} is a table: write [{}{}]", key, join(path, key), behind));
    return nullptr;
  }

  void read_named_tables(const Table& table, const Node::Members& members, const std::string& path) {
    std::set<std::string> names;
    for (const auto& [given, node] : members) {
      const std::string full = join(path, given);
      if (node.as<Node::Members>() == nullptr) {
        complain(node.key, fmt::format("{} stands for a name: write [{}.{}] and the settings below it", given, path,
                                       table.sample_name));
        continue;
      }
      const auto name = table_name(table, given, node.key);
      if (!name) continue;
      if (!names.insert(*name).second) {
        complain(node.key, fmt::format("[{}] is there twice; upper and lower case are the same here", full));
        continue;
      }
      places_[join(path, *name)] = node.key;
      table.begin(draft_, *name);
      read_table(table, node.as<Node::Members>(), join(path, *name), node.key);
    }
  }

  std::optional<std::string> table_name(const Table& table, const std::string& given, Position at) {
    if (table.name == "domain.*") {
      const auto domain = mail::parse_domain(given, mail::Utf8::Allowed);
      if (domain) return *domain;
      complain(at, fmt::format("[domain.{}]: this is not a domain name", key_text(given)));
      if (given.find('.') == std::string::npos && !given.empty())
        problems_.back().text += "; a name with dots stands in quotes, as [domain.\"example.org\"]";
      return std::nullopt;
    }
    if (table.name == "dns.stub.*") {
      const auto zone = mail::parse_domain(given, mail::Utf8::Forbidden);
      if (zone) return *zone;
      complain(at, fmt::format("[dns.stub.{}]: this is not a domain name", key_text(given)));
      return std::nullopt;
    }
    if (key_text(given) == given && given.size() <= 64) return given;
    complain(at, fmt::format("the name {} may have letters, digits, - and _ only, at most 64", key_text(given)));
    return std::nullopt;
  }

  void complain_unknown(const Table& table, const std::string& key, const std::string& path,
                        const std::set<std::string, std::less<>>& known, const Node& node) {
    const Position at = node.key;
    if (table.name == "domain.*" && node.as<Node::Members>() != nullptr) {
      complain(at, fmt::format("a name with dots stands in quotes: write [domain.\"example.org\"] for [{}]",
                               join(path, key)));
      return;
    }
    std::string text = fmt::format("there is no setting {}", join(path, key));
    std::string nearest;
    unsigned distance = std::max<unsigned>(2, static_cast<unsigned>(key.size() / 3)) + 1;
    for (const std::string& word : known) {
      const unsigned d = key.size() > 100 ? 100 : edit_distance(key, word);
      if (d < distance) {
        distance = d;
        nearest = word;
      }
    }
    for (const Table& other : tables()) {
      if (distance == 0 || other.name == table.name || find_setting(other, key) == nullptr) continue;
      const std::string where = other.name.empty() ? "at the top of the file" : fmt::format("in [{}]", other.name);
      complain(at, fmt::format("{}; {} belongs {}", text, key, where));
      return;
    }
    if (!nearest.empty()) text += fmt::format("; did you mean {}?", join(path, nearest));
    complain(at, std::move(text));
  }

  static std::shared_ptr<const judge::Ruleset> make_ruleset(const Settings& settings) {
    auto ruleset = std::make_shared<judge::Ruleset>();
    ruleset->hostname = settings.hostname;
    ruleset->soft_bounce = settings.soft_bounce;
    ruleset->relays = settings.relays;
    ruleset->max_own_received = settings.max_own_received;
    ruleset->max_received = settings.max_received;
    ruleset->null_sender_per_minute = static_cast<unsigned>(settings.null_sender_per_minute);
    for (const Domain& domain : settings.domains) {
      const Backend* backend = settings.backend(domain.backend);
      ruleset->domains[domain.name] = {.domain = domain.name,
                                       .group = static_cast<smtp::GroupId>(backend - settings.backends.data()),
                                       .has_source = !domain.recipients.empty(),
                                       .catch_all = domain.catch_all,
                                       .modes = domain.modes.over(settings.auth.modes)};
    }
    return ruleset;
  }

  std::string file_;
  Draft draft_;
  std::vector<Problem> problems_;
  std::map<std::string, Entered> values_;
  Places places_;
};

}  // namespace

std::string to_string(const Problem& problem) {
  if (problem.at.line == 0) return fmt::format("{}: {}", problem.file, problem.text);
  return fmt::format("{}:{}:{}: {}", problem.file, problem.at.line, problem.at.column, problem.text);
}

LoadResult load_text(std::string_view text, const std::string& file) {
  const auto root = parse_tree(text, file);
  if (!root) return std::unexpected(std::vector{root.error()});
  return Loader(file).load(*root);
}

LoadResult load_file(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    return std::unexpected(std::vector{Problem{.file = file, .at = {}, .text = "is a folder; name a file in it"}});
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    const std::string why = std::generic_category().message(errno);
    return std::unexpected(std::vector{
        Problem{.file = file,
                .at = {},
                .text = fmt::format("can't be read: {}. `anechoic config example` prints a file to begin with", why)}});
  }
  return load_text(std::move(text).str(), file);
}

Changes compare(const Loaded& before, const Loaded& after) {
  Changes changes;
  const auto note = [&changes](const std::string& key, Reload reload) {
    (reload == Reload::Live ? changes.live : changes.restart).push_back(key);
  };
  for (const auto& [key, entered] : after.values) {
    const auto old = before.values.find(key);
    if (old == before.values.end() || old->second.text != entered.text) note(key, entered.reload);
  }
  for (const auto& [key, entered] : before.values)
    if (!after.values.contains(key)) note(key, entered.reload);
  std::ranges::sort(changes.live);
  std::ranges::sort(changes.restart);
  return changes;
}

}  // namespace anechoic::config
