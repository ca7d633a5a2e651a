// SPDX-License-Identifier: Apache-2.0
#include "outside/store/journal_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace anechoic::store {
namespace {

constexpr std::array<std::string_view, 3> kFiles = {"", "-wal", "-shm"};
constexpr std::string_view kEnding = ".sqlite";

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE transactions(id TEXT NOT NULL, at INTEGER NOT NULL, took INTEGER, door TEXT, client TEXT,"
    " port INTEGER, client_name TEXT, helo TEXT, tls INTEGER, sender TEXT, accepted INTEGER, refused INTEGER,"
    " action TEXT, reason TEXT, reply TEXT, backend TEXT, message_id TEXT, octets INTEGER, in_doubt INTEGER,"
    " failovers INTEGER, details TEXT);"
    "CREATE INDEX transactions_id ON transactions(id);"
    "CREATE INDEX transactions_at ON transactions(at);"
    "CREATE TABLE running(started INTEGER NOT NULL, heartbeat INTEGER NOT NULL)",
};

std::string formatted(WallTime at, const char* how) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), how, &parts);
  return text.data();
}

}  // namespace

std::uint64_t Partition::octets() const {
  std::uint64_t sum = 0;
  for (const std::string_view ending : kFiles) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(path + std::string(ending), missing);
    if (!missing && ending != "-shm") sum += size;  // -shm is shared memory, written back by chance only
  }
  return sum;
}

bool Partition::is_sealed() const {
  std::error_code ignored;
  return !std::filesystem::exists(path + "-wal", ignored);
}

void Partition::remove() const {
  for (const std::string_view ending : kFiles) {
    std::error_code ignored;
    std::filesystem::remove(path + std::string(ending), ignored);
  }
}

Result<std::vector<Partition>> list_partitions(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return fail(Errc::NotFound, directory + ": no such folder");
  if (error) return fail(Errc::Io, directory + ": " + error.message());
  std::vector<Partition> found;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    Partition partition{.path = entry.path().string()};
    const auto [end, parse_error] = std::from_chars(name.data(), name.data() + name.size(), partition.number);
    if (parse_error == std::errc{} && *end == '-' && name.ends_with(kEnding)) found.push_back(std::move(partition));
  }
  std::ranges::sort(found, {}, &Partition::number);
  return found;
}

Partition next_partition(const std::string& directory, std::uint64_t number, WallTime now) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%08llu-", static_cast<unsigned long long>(number));
  return {number, directory + "/" + digits.data() + formatted(now, "%Y%m%dT%H%M%SZ") + std::string(kEnding)};
}

std::span<const std::string_view> journal_schema() {
  return kSchema;
}

std::string to_utc(WallTime at) {
  return formatted(at, "%Y-%m-%dT%H:%M:%SZ");
}

}  // namespace anechoic::store
