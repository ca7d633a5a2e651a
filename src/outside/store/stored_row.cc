// SPDX-License-Identifier: Apache-2.0
#include "outside/store/stored_row.h"

#include <nlohmann/json.hpp>

namespace anechoic::store {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& list, std::size_t index) {
  return index < list.size() && list[index].is_string() ? list[index].get<std::string>() : std::string();
}

// The member of that name if it has that type, else nothing.
const Json* member(const Json& object, const char* name, Json::value_t type) {
  const auto found = object.find(name);
  return found != object.end() && found->type() == type ? &*found : nullptr;
}

}  // namespace

std::string encode_details(const inspect::JournalRow& row) {
  Json details = Json::object();
  if (!row.recipients.empty()) {
    Json& list = details["recipients"] = Json::array();
    for (const auto& recipient : row.recipients) {
      list.push_back(Json::array({recipient.address, recipient.reply, recipient.reason, recipient.accepted}));
    }
  }
  if (!row.refused_by_reason.empty()) {
    Json& counts = details["refused"] = Json::object();
    for (const auto& [reason, count] : row.refused_by_reason) counts[std::string(reason)] = count;
  }
  if (!row.reasons.empty()) {
    Json& list = details["reasons"] = Json::array();
    for (const auto& reason : row.reasons) list.push_back(Json::array({reason.name, reason.detail}));
  }
  if (!row.kind.empty()) {
    details["kind"] = row.kind;
    details["automatic"] = row.automatic;
    details["phrases_only"] = row.phrases_only;
    Json& list = details["signals"] = Json::array();
    for (const auto& signal : row.signals) list.push_back(Json::array({signal.name, signal.detail}));
  }
  if (row.sender) details["sender"] = encode_sender(stored(*row.sender));
  if (!row.relayed_client.empty()) details["relayed_client"] = row.relayed_client;
  return details.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void decode_details(std::string_view details, StoredRow& row) {
  const Json read = Json::parse(details, nullptr, false);
  if (!read.is_object()) return;
  if (const Json* list = member(read, "recipients", Json::value_t::array)) {
    for (const Json& entry : *list) {
      const bool accepted = entry.size() > 3 && entry[3].is_boolean() && entry[3].get<bool>();
      row.recipients.push_back({text_at(entry, 0), text_at(entry, 1), text_at(entry, 2), accepted});
    }
  }
  if (const Json* counts = member(read, "refused", Json::value_t::object)) {
    for (const auto& [reason, count] : counts->items()) {
      if (count.is_number_unsigned()) row.refused_by_reason[reason] = count.get<std::uint32_t>();
    }
  }
  if (const Json* client = member(read, "relayed_client", Json::value_t::string))
    row.relayed_client = client->get<std::string>();
  if (const Json* kind = member(read, "kind", Json::value_t::string)) row.kind = kind->get<std::string>();
  if (const Json* yes = member(read, "automatic", Json::value_t::boolean)) row.automatic = yes->get<bool>();
  if (const Json* yes = member(read, "phrases_only", Json::value_t::boolean)) row.phrases_only = yes->get<bool>();
  if (const Json* list = member(read, "signals", Json::value_t::array)) {
    for (const Json& entry : *list) row.signals.push_back({text_at(entry, 0), text_at(entry, 1)});
  }
  if (const Json* sender = member(read, "sender", Json::value_t::object)) row.sender = decode_sender(*sender);
  if (const Json* list = member(read, "reasons", Json::value_t::array)) {
    for (const Json& entry : *list) row.reasons.push_back({text_at(entry, 0), text_at(entry, 1)});
  }
}

}  // namespace anechoic::store
