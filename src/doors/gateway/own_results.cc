// SPDX-License-Identifier: Apache-2.0
#include "doors/gateway/own_results.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "mail/authentication_results.h"

namespace anechoic::gateway {

namespace {
constexpr std::string_view kName = "Authentication-Results";
constexpr std::size_t kPiece = 64 * 1024;
}  // namespace

void OwnResults::feed(std::string_view bytes) {
  while (!done_ && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(piece.size());
    at_ += piece.size();
    const std::size_t room = kFieldBytes - std::min(line_.size(), kFieldBytes);
    if (piece.size() > room) line_too_long_ = true;
    line_ += piece.substr(0, room);
    if (piece.ends_with('\n')) on_line();
  }
}

void OwnResults::on_line() {
  std::string_view line = line_;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool line_too_long = std::exchange(line_too_long_, false);
  if (!line.empty() && ascii::is_blank(line.front())) {
    if (in_field_) {
      too_long_ = too_long_ || line_too_long || value_.size() + line.size() > kFieldBytes;
      value_ += line.substr(0, kFieldBytes - std::min(value_.size(), kFieldBytes));
    }
  } else {
    end_field(line_at_);
    done_ = line.empty();
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && ascii::iequals(ascii::trim(line.substr(0, colon)), kName)) {
      in_field_ = true;
      field_at_ = line_at_;
      value_ = line.substr(colon + 1);
      too_long_ = line_too_long;
    }
  }
  line_.clear();
  line_at_ = at_;
}

void OwnResults::end_field(std::uint64_t at) {
  if (!in_field_) return;
  if (too_long_ || mail::claims_to_be_ours(value_, names_)) {
    // Fields that stand together are left out together.
    if (!found_.empty() && found_.back().offset + found_.back().length == field_at_) {
      found_.back().length += at - field_at_;
    } else {
      found_.push_back({.offset = field_at_, .length = at - field_at_});
    }
  }
  in_field_ = false;
  too_long_ = false;
  value_.clear();
}

void OwnResults::finish() {
  if (done_) return;
  if (!line_.empty()) on_line();
  end_field(at_);
  done_ = true;
}

Result<std::vector<spool::Range>> find_own_results(spool::Spool& message, std::span<const std::string> names) {
  OwnResults finder(names);
  for (std::uint64_t offset = 0; !finder.done();) {
    const auto piece = message.read(offset, kPiece);
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) finder.finish();
    finder.feed(*piece);
    offset += piece->size();
  }
  return finder.take();
}

}  // namespace anechoic::gateway
