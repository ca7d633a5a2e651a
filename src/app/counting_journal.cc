// SPDX-License-Identifier: Apache-2.0
#include "app/counting_journal.h"

#include <utility>

namespace anechoic::app {

void CountingJournal::append(inspect::JournalRow row) {
  const std::string_view reason = row.reasons.empty() ? std::string_view("other") : row.reasons.front().name;
  metrics_.transactions.add(judge::to_string(row.action), reason);
  metrics_.transaction_time.observe(row.took);
  metrics_.octets.add(static_cast<double>(row.octets));
  for (const auto& [name, count] : row.refused_by_reason) metrics_.recipients.add(name, {}, count);
  for (const inspect::JournalRecipient& recipient : row.recipients)
    if (recipient.accepted) metrics_.recipients.add(recipient.reason);
  if (next_ != nullptr) next_->append(std::move(row));
}

}  // namespace anechoic::app
