// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/address_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace anechoic::recipients {

// Which file was looked at last.
struct AddressList::Stamp {
  bool there = false;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{};
  timespec changed{};  // of its rights, too: chmod may be what was missing

  [[nodiscard]] static Stamp of(const std::string& path) {
    struct stat found{};
    Stamp stamp;
    if (::stat(path.c_str(), &found) == 0) {
      stamp = {true, found.st_dev, found.st_ino, found.st_size, found.st_mtim, found.st_ctim};
    }
    return stamp;
  }
  [[nodiscard]] bool same_as(const Stamp& other) const {
    return there == other.there && device == other.device && inode == other.inode && size == other.size &&
           modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

struct AddressList::InUse {
  std::shared_ptr<const AddressFile> file;  // null: none was ever good
  WallTime loaded_at{};
  std::string wrong;  // "" = it is well
};

namespace {

Result<AddressFile> read_file(const std::string& path, const AddressRules& rules) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // O_NONBLOCK: a FIFO must not hold us
  if (fd < 0) {
    return fail_errno("can't open " + path, errno);
  }
  AddressReader reader(rules);
  std::string block(256UL * 1024, '\0');
  Result<void> fed;
  while (fed) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      fed = fail_errno("can't read " + path, errno);
    }
    if (got <= 0) {
      break;
    }
    fed = reader.feed(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
  }
  ::close(fd);
  if (!fed) {
    return Failure(fed.error());
  }
  return std::move(reader).finish();
}

}  // namespace

AddressList::AddressList(AddressListOptions options, AlarmSink alarm, const Clock& clock)
    : Source(options.name, options.mode),
      options_(std::move(options)),
      alarm_(std::move(alarm)),
      clock_(clock),
      in_use_(std::make_shared<InUse>(
          InUse{.file = nullptr, .loaded_at = {}, .wrong = options_.path + " has not been loaded yet"})) {}

AddressList::~AddressList() = default;

std::shared_ptr<const AddressList::InUse> AddressList::in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

bool AddressList::load_if_changed() {
  const std::lock_guard loading(loading_);
  const Stamp stamp = Stamp::of(options_.path);
  if (stamp_ != nullptr && stamp_->same_as(stamp)) {
    return false;
  }
  // The look before the load is kept: a file that changes while it is read is read again next time.
  stamp_ = std::make_unique<Stamp>(stamp);
  return load(Shrinking::Refused).has_value();
}

Result<void> AddressList::accept() {
  const std::lock_guard loading(loading_);
  stamp_ = std::make_unique<Stamp>(Stamp::of(options_.path));
  return load(Shrinking::Accepted);
}

Result<void> AddressList::load(Shrinking shrinking) {
  const auto before = in_use();
  Result<AddressFile> file = read_file(options_.path, options_.rules);
  if (!file) {
    if (is_temporary(file.error().code)) {
      stamp_.reset();  // looked at again next time, though the file may be the same
    }
    keep_former(file.error());
    return Failure(std::move(file).error());
  }
  if (auto checked = check(*file, before->file == nullptr ? nullptr : &before->file->table, shrinking); !checked) {
    keep_former(checked.error());
    return checked;
  }
  take(*std::move(file));
  return {};
}

Result<void> AddressList::check(const AddressFile& file, const AddressTable* before, Shrinking shrinking) const {
  const std::size_t now = file.table.size();
  if (now == 0) {
    return fail(Errc::Refused,
                options_.path + (file.bad_line_count > 0 ? " holds no address that can be read" : " holds no address"));
  }
  if (options_.canary && file.table.find(*options_.canary, options_.rules) == Listed::No) {
    return fail(Errc::Refused, options_.path + " lacks the canary " + mail::to_string(*options_.canary) +
                                   "; add it, or set another canary");
  }
  if (shrinking == Shrinking::Refused && before != nullptr && now < before->size() - (before->size() / 5)) {
    return fail(Errc::Refused,
                options_.path + " has shrunk from " + std::to_string(before->size()) + " to " + std::to_string(now) +
                    " addresses, by more than a fifth; if that is right: anechoic " + "recipients accept " + name());
  }
  return {};
}

void AddressList::keep_former(const Error& error) {
  auto next = std::make_shared<InUse>(*in_use());
  const bool had_list = next->file != nullptr;
  const bool news = next->wrong != error.detail;
  next->wrong = error.detail;
  {
    const std::lock_guard lock(mutex_);
    in_use_ = std::move(next);
  }
  if (news) {
    told_ = true;
    alarm_({name(),
            error.detail + (!had_list                                 ? "; the source is down"
                            : mode() == judge::RecipientMode::Observe ? "; the former list stays in use"
                                                                      : "; the former list stays in use for those it "
                                                                        "holds, others hear 451"),
            false});
  }
}

void AddressList::take(AddressFile file) {
  auto next = std::make_shared<InUse>();
  next->loaded_at = clock_.wall();
  next->file = std::make_shared<const AddressFile>(std::move(file));
  const AddressFile& taken = *next->file;
  bool was_wrong = false;
  {
    const std::lock_guard lock(mutex_);
    // Told as well when the first list comes late, or when the former one had lines that could not be read.
    was_wrong = (!in_use_->wrong.empty() && told_) || (in_use_->file != nullptr && in_use_->file->bad_line_count > 0);
    in_use_ = next;
  }
  told_ = false;
  if (was_wrong) {
    alarm_({name(), options_.path + " is in use with " + std::to_string(taken.table.size()) + " addresses", true});
  }
  if (taken.bad_line_count > 0) {
    const BadLine& first = taken.bad_lines.front();
    std::string text = options_.path + ":" + std::to_string(first.line) + ": " + first.problem;
    if (taken.bad_line_count > 1) {
      text += " (and " + std::to_string(taken.bad_line_count - 1) + " more lines that can't be read)";
    }
    alarm_({name(), std::move(text), false});
  }
}

SourceAnswer AddressList::find(const mail::Mailbox& mailbox) {
  const auto list = in_use();
  SourceAnswer answer;
  const Listed listed = list->file == nullptr ? Listed::No : list->file->table.find(mailbox, options_.rules);
  if (listed != Listed::No) {
    answer.kind = SourceAnswer::Kind::Exists;
    answer.exact = listed == Listed::Exactly;
    answer.stale = !list->wrong.empty();
  } else if (list->wrong.empty()) {
    answer.kind = SourceAnswer::Kind::Absent;
  } else {
    answer.kind = SourceAnswer::Kind::Down;
    answer.because = list->wrong;
  }
  return answer;
}

void AddressList::wait(const mail::Mailbox& /*mailbox*/, std::move_only_function<void()> ready) {
  ready();
}

void AddressList::learn(const mail::Mailbox& /*mailbox*/, const smtp::Reply& /*live*/) {}

bool AddressList::forget(const mail::Mailbox& /*mailbox*/) {
  return false;
}

SourceReport AddressList::show(const mail::Mailbox& mailbox) {
  SourceReport report;
  report.source = name();
  report.type = "file";
  report.mode = mode();
  report.answer = find(mailbox);
  const auto list = in_use();
  report.details.emplace_back("file", options_.path);
  if (list->file != nullptr) {
    report.asked_at = list->loaded_at;
    report.details.emplace_back("addresses", std::to_string(list->file->table.size()));
    report.details.emplace_back("lines that can't be read", std::to_string(list->file->bad_line_count));
  }
  if (!list->wrong.empty()) {
    report.details.emplace_back("wrong", list->wrong);
  }
  return report;
}

std::size_t AddressList::size() const {
  const auto list = in_use();
  return list->file == nullptr ? 0 : list->file->table.size();
}

std::vector<BadLine> AddressList::bad_lines() const {
  const auto list = in_use();
  return list->file == nullptr ? std::vector<BadLine>{} : list->file->bad_lines;
}

std::optional<std::string> AddressList::wrong() const {
  const auto list = in_use();
  return list->wrong.empty() ? std::nullopt : std::optional(list->wrong);
}

}  // namespace anechoic::recipients
