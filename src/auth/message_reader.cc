// SPDX-License-Identifier: Apache-2.0
#include "auth/message_reader.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"

namespace anechoic::auth {

namespace {

constexpr std::string_view kTooLarge = "the header has more fields or octets than are checked";
constexpr std::string_view kEmptyLine = "\r\n\r\n";
constexpr std::size_t kPiece =
    16 * 1024;  // taken at once while the header's end is not seen, so that little body is kept

std::size_t count_fields(const mail::HeaderBlock& header, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      header.fields(), [name](const mail::Field& field) { return ascii::iequals(field.name, name); }));
}

Task<std::vector<dkim::Outcome>> unchecked_signatures(std::size_t signatures) {
  dkim::Outcome outcome;
  outcome.result = dkim::Result::PermError;
  outcome.reason = kTooLarge;
  co_return std::vector<dkim::Outcome>(signatures, outcome);
}

Task<arc::Outcome> unchecked_chain(bool is_there) {
  arc::Outcome outcome;
  if (is_there) {
    outcome.result = arc::Result::Fail;
    outcome.reason = kTooLarge;
  }
  co_return outcome;
}

}  // namespace

MessageReader::MessageReader(dkim::VerifyOptions dkim, arc::VerifyOptions arc)
    : dkim_options_(dkim), arc_options_(std::move(arc)) {}

MessageReader::~MessageReader() = default;

void MessageReader::feed(std::string_view bytes) {
  while (!complete_ && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    bytes.remove_prefix(piece.size());
    feed_header(piece);
  }
  if (!too_large_ && !bytes.empty()) digests_.feed(bytes);
}

// The end of the header may lie across two pieces; a message may also begin with the empty line.
void MessageReader::feed_header(std::string_view piece) {
  const std::size_t seen = bytes_.size();
  bytes_ += piece;
  const std::size_t from = seen < kEmptyLine.size() ? 0 : seen - (kEmptyLine.size() - 1);
  if (bytes_.starts_with("\r\n") || bytes_.find(kEmptyLine, from) != std::string::npos ||
      bytes_.size() > limits::kHeaderBytes) {
    end_header();
  }
}

void MessageReader::finish() {
  if (!complete_) end_header();
  digests_.finish();
}

void MessageReader::end_header() {
  complete_ = true;
  header_ = mail::HeaderBlock::parse_exact(bytes_);
  too_large_ = header_.truncated();
  if (too_large_) return;
  dkim_ = std::make_unique<dkim::Verification>(header_, digests_, dkim_options_);
  arc_ = std::make_unique<arc::Verification>(header_, digests_, arc_options_);
  digests_.feed(std::string_view(bytes_).substr(std::min(header_.body_offset(), bytes_.size())));
}

Task<std::vector<dkim::Outcome>> MessageReader::dkim(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) const {
  if (too_large_) return unchecked_signatures(count_fields(header_, "DKIM-Signature"));
  return dkim_->finish(lookups, keys, now);
}

Task<arc::Outcome> MessageReader::arc(Lookups& lookups, crypto::PublicKeys& keys, WallTime now) const {
  if (too_large_) return unchecked_chain(header_.has("ARC-Seal"));
  return arc_->finish(lookups, keys, now);
}

}  // namespace anechoic::auth
