// SPDX-License-Identifier: Apache-2.0
#include "outside/maildir/delivery.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>
#include <unordered_set>

#include "outside/maildir/files.h"

namespace anechoic::maildir {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kKnownFolders = 100'000;
constexpr std::chrono::hours kLeftoverAge{36};  // as the Maildir's rules have it
constexpr int kFilesDepth = 3;                  // domain/local/tmp/FILE

// CRLF becomes LF; a CR at the end of one piece waits for the next.
class LineEnds {
 public:
  // Valid until the next call.
  [[nodiscard]] std::string_view convert(std::string_view piece) {
    out_.clear();
    for (const char c : piece) {
      if (held_cr_ && c != '\n') out_ += '\r';
      held_cr_ = c == '\r';
      if (!held_cr_) out_ += c;
    }
    return out_;
  }
  [[nodiscard]] std::string_view finish() const { return held_cr_ ? "\r" : ""; }

 private:
  std::string out_;
  bool held_cr_ = false;
};

std::string trace_fields(const mail::ReversePath& sender, const mail::ForwardPath& recipient) {
  return "Return-Path: " + mail::to_string(sender) + "\nDelivered-To: " + mail::to_string(recipient.mailbox) + "\n";
}

Result<void> write_message(File& file, std::string_view trace, std::string_view prepended, spool::Spool& body) {
  LineEnds ends;
  if (auto done = file.write(trace); !done) return done;
  if (auto done = file.write(ends.convert(prepended)); !done) return done;
  for (std::uint64_t at = 0; at < body.size();) {
    auto piece = body.read(at, kPiece);
    if (!piece) return std::unexpected(std::move(piece).error());
    at += piece->size();
    if (auto done = file.write(ends.convert(*piece)); !done) return done;
  }
  if (auto done = file.write(ends.finish()); !done) return done;
  return file.sync();
}

// The copies of one message on their way; what is not kept is removed.
class Copies {
 public:
  ~Copies() {
    if (kept_) return;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      ::unlink(i < moved_ ? files_[i].second.c_str() : files_[i].first.c_str());
    }
  }
  void add(std::string temporary, std::string visible) {
    files_.emplace_back(std::move(temporary), std::move(visible));
  }
  [[nodiscard]] Result<void> make_visible() {
    for (const auto& [temporary, visible] : files_) {
      if (auto moved = move_file(temporary, visible); !moved) return moved;
      ++moved_;
    }
    return {};
  }
  void keep() { kept_ = true; }

 private:
  std::vector<std::pair<std::string, std::string>> files_;
  std::size_t moved_ = 0;  // of the first files_
  bool kept_ = false;
};

}  // namespace

struct Delivery::State {
  State(Options given, const Clock& time) : options(std::move(given)), clock(time) {}

  Options options;
  const Clock& clock;
  std::atomic<std::uint64_t> counter{0};
  std::mutex mutex;
  std::unordered_set<std::string> durable_folders;  // known to be on disk, with all above them

  [[nodiscard]] Result<void> ensure_folder(const std::string& folder);
  [[nodiscard]] std::string unique_name(std::string_view id);
};

// Makes the Maildir and syncs the way down to it. That a folder is there does not say that it is on disk: another
// thread, or a process that was killed, may have made it a moment ago. So each is synced once in a process' life.
Result<void> Delivery::State::ensure_folder(const std::string& folder) {
  {
    const std::scoped_lock lock(mutex);
    if (durable_folders.contains(folder)) return {};
  }
  const std::string domain = folder.substr(0, folder.find('/'));
  const std::string base = options.directory + '/';
  for (const std::string& path :
       {base + domain, base + folder, base + folder + "/tmp", base + folder + "/new", base + folder + "/cur"}) {
    if (auto made = make_folder(path); !made) return made;
  }
  for (const std::string& path : {base + folder, base + domain, options.directory}) {
    if (auto synced = sync_folder(path); !synced) return synced;
  }
  const std::scoped_lock lock(mutex);
  if (durable_folders.size() >= kKnownFolders) durable_folders.clear();
  durable_folders.insert(folder);
  return {};
}

std::string Delivery::State::unique_name(std::string_view id) {
  const auto now = clock.wall().time_since_epoch().count();
  return std::to_string(now / 1'000'000) + ".M" + std::to_string(now % 1'000'000) + "P" + std::to_string(::getpid()) +
         "Q" + std::to_string(counter++) + "_" + encode_name(id) + "." + encode_name(options.hostname);
}

Delivery::Delivery(Options options, const Clock& clock) : state_(std::make_unique<State>(std::move(options), clock)) {}
Delivery::~Delivery() = default;

const Options& Delivery::options() const {
  return state_->options;
}

Result<void> Delivery::prepare() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path directory = fs::absolute(state_->options.directory, error).lexically_normal();
  fs::path durable = directory;  // the lowest folder that is there already
  while (!fs::exists(durable, error) && durable.has_relative_path()) durable = durable.parent_path();
  fs::create_directories(directory, error);
  if (error) return fail(Errc::Io, "making " + directory.string() + ": " + error.message());
  for (fs::path made = directory; made != durable && made.has_relative_path(); made = made.parent_path()) {
    if (auto synced = sync_folder(made.parent_path()); !synced) return synced;
  }
  return {};
}

void Delivery::remove_leftovers() const {
  namespace fs = std::filesystem;
  const auto too_old = fs::file_time_type::clock::now() - kLeftoverAge;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(state_->options.directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry.depth() == kFilesDepth && entry->path().parent_path().filename() == "tmp" &&
        entry->is_regular_file(gone) && entry->last_write_time(gone) < too_old && !gone) {
      fs::remove(entry->path(), gone);
    }
    if (entry.depth() == kFilesDepth - 1 && entry->path().filename() != "tmp") entry.disable_recursion_pending();
  }
}

Result<void> Delivery::deliver(const Envelope& envelope, std::string_view prepended, spool::Spool& body,
                               std::string_view id) {
  State& state = *state_;
  const FolderRules rules{
      .subaddress = state.options.subaddress, .fold_case = state.options.fold_case, .hostname = state.options.hostname};
  Copies copies;
  std::set<std::string> folders;
  for (const mail::ForwardPath& recipient : envelope.recipients) {
    const std::string folder = folder_of(recipient.mailbox, rules);
    if (auto made = state.ensure_folder(folder); !made) return made;
    const std::string name = state.unique_name(id);
    const std::string path = state.options.directory + '/' + folder;
    std::string temporary = path;
    temporary.append("/tmp/").append(name);
    std::string visible = path;
    visible.append("/new/").append(name);
    auto file = File::create(temporary);
    if (!file) return std::unexpected(std::move(file).error());
    copies.add(std::move(temporary), std::move(visible));
    auto written = write_message(*file, trace_fields(envelope.sender, recipient), prepended, body);
    if (!written) return written;
    folders.insert(path + "/new");
  }
  if (auto moved = copies.make_visible(); !moved) return moved;
  for (const std::string& folder : folders) {
    if (auto synced = sync_folder(folder); !synced) return synced;
  }
  copies.keep();
  return {};
}

}  // namespace anechoic::maildir
