// SPDX-License-Identifier: Apache-2.0
#include "app/counting_journal.h"

#include <utility>

namespace anechoic::app {

namespace {

void count(const observe::LabelledCounter& counter, const auth::Evidence& evidence) {
  if (evidence.spf) counter.add("spf", to_string(evidence.spf->result));
  if (evidence.helo) counter.add("helo", to_string(evidence.helo->result));
  if (evidence.dkim) {
    for (const auth::dkim::Outcome& signature : *evidence.dkim) counter.add("dkim", to_string(signature.result));
    if (evidence.dkim->empty()) counter.add("dkim", "none");
  }
  if (evidence.dmarc) counter.add("dmarc", to_string(evidence.dmarc->result));
  if (evidence.arc) counter.add("arc", to_string(evidence.arc->result));
}

}  // namespace

void CountingJournal::append(inspect::JournalRow row) {
  const std::string_view reason = row.reasons.empty() ? std::string_view("other") : row.reasons.front().name;
  metrics_.transactions.add(judge::to_string(row.action), reason);
  metrics_.transaction_time.observe(row.took);
  if (!row.kind.empty()) metrics_.kinds.add(row.kind);
  if (row.sender) count(metrics_.auth_results, *row.sender);
  metrics_.octets.add(static_cast<double>(row.octets));
  for (const auto& [name, count] : row.refused_by_reason) metrics_.recipients.add(name, {}, count);
  for (const inspect::JournalRecipient& recipient : row.recipients)
    if (recipient.accepted) metrics_.recipients.add(recipient.reason);
  write_log(row, reason);
  if (next_ != nullptr) next_->append(std::move(row));
}

// One line for each transaction; a session without one is worth a line only to somebody who looks for trouble.
void CountingJournal::write_log(const inspect::JournalRow& row, std::string_view reason) {
  const bool session_only = row.reverse_path.empty();
  const observe::Level level = session_only ? observe::Level::Debug : observe::Level::Info;
  if (!log_.wants(level)) return;
  if (session_only) {
    log_.event(level, "session",
               {{"id", row.id}, {"client", ip::to_string(row.client)}, {"helo", row.helo}, {"reason", reason}});
    return;
  }
  log_.event(level, "transaction",
             {{"id", row.id},
              {"action", judge::to_string(row.action)},
              {"reason", reason},
              {"client", ip::to_string(row.client)},
              {"from", row.reverse_path},
              {"to", row.recipients.empty() ? std::string_view() : std::string_view(row.recipients.front().address)},
              {"accepted", row.accepted},
              {"refused", row.refused},
              {"octets", row.octets},
              {"kind", row.kind},
              {"backend", row.backend},
              {"reply", row.reply},
              {"took_us", row.took.count()}});
}

}  // namespace anechoic::app
