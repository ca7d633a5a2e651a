// SPDX-License-Identifier: Apache-2.0
// A recipient file as a source: loaded aside, swapped in whole, loaded again when its time, inode or size has changed.
//
// A broken file must not refuse a whole company (R8). A reload that can't be read, is empty, lacks the canary, or is
// smaller than the list in use by more than a fifth is not taken: the list in use stays, stale, and the alarm is
// raised. A stale list serves positives; what it does not hold is Down. With no list in use at all the source is Down.
// `accept()` takes a list that was refused for shrinking, because the operator says that it is right.
//
// find() takes a lock for the time of copying a pointer. load_if_changed() and accept() block on the disk: they are
// called at start and by the ListWatcher's thread.   Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "outside/recipients/address_reader.h"
#include "outside/recipients/source.h"

namespace anechoic::recipients {

struct AddressListOptions {
  std::string name;  // of the source, in the settings
  std::string path;
  judge::RecipientMode mode = judge::RecipientMode::Observe;
  std::optional<mail::Mailbox> canary;  // must be in the list, be it by a domain rule
  AddressRules rules;
};

class AddressList final : public Source {
 public:
  AddressList(AddressListOptions options, AlarmSink alarm, const Clock& clock);
  ~AddressList() override;

  // Looks at the file, and loads it if it is another than at the last look. True: another list is in use.
  bool load_if_changed();
  // Loads the file even if it has shrunk. Errors: what else is wrong with it.
  [[nodiscard]] Result<void> accept();

  [[nodiscard]] SourceAnswer find(const mail::Mailbox& mailbox) override;
  void wait(const mail::Mailbox& mailbox, std::move_only_function<void()> ready) override;
  void learn(const mail::Mailbox& mailbox, const smtp::Reply& live) override;
  [[nodiscard]] SourceReport show(const mail::Mailbox& mailbox) override;
  bool forget(const mail::Mailbox& mailbox) override;

  [[nodiscard]] std::size_t size() const;                  // addresses and rules in use
  [[nodiscard]] std::vector<BadLine> bad_lines() const;    // of the list in use
  [[nodiscard]] std::optional<std::string> wrong() const;  // why it is stale or down; nullopt: it is well

 private:
  struct InUse;
  struct Stamp;
  enum class Shrinking : std::uint8_t { Refused, Accepted };

  [[nodiscard]] std::shared_ptr<const InUse> in_use() const;
  [[nodiscard]] Result<void> load(Shrinking shrinking);
  [[nodiscard]] Result<void> check(const AddressFile& file, const AddressTable* before, Shrinking shrinking) const;
  void keep_former(const Error& error);
  void take(AddressFile file);

  const AddressListOptions options_;
  const AlarmSink alarm_;
  const Clock& clock_;
  std::mutex loading_;  // one load at a time
  std::unique_ptr<Stamp> stamp_;
  bool told_ = false;  // that something is wrong
  mutable std::mutex mutex_;
  std::shared_ptr<const InUse> in_use_;
};

}  // namespace anechoic::recipients
