// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "judge/kind/classify.h"

namespace anechoic::judge {

namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 11> kKinds{{
    {Kind::Dsn, "dsn"},
    {Kind::Mdn, "mdn"},
    {Kind::AutoReply, "auto-reply"},
    {Kind::Challenge, "challenge"},
    {Kind::VirusNotice, "virus-notice"},
    {Kind::SubscriptionConfirm, "subscription-confirm"},
    {Kind::CommandAnswer, "command-answer"},
    {Kind::Report, "report"},
    {Kind::List, "list"},
    {Kind::Bulk, "bulk"},
    {Kind::Ordinary, "ordinary"},
}};

}  // namespace

std::string_view to_string(Kind kind) {
  for (const auto& [value, name] : kKinds)
    if (value == kind) return name;
  return {};
}

std::optional<Kind> kind_from(std::string_view name) {
  for (const auto& [value, text] : kKinds)
    if (text == name) return value;
  return std::nullopt;
}

bool is_automatic(Kind kind) {
  return kind != Kind::List && kind != Kind::Bulk && kind != Kind::Ordinary;
}

}  // namespace anechoic::judge
