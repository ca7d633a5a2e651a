// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/canonical_body.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/ascii.h"

namespace anechoic::auth::dkim {

namespace {

constexpr std::size_t kBlock = 64;
// A stretch of so many octets is handed on as it is; shorter ones are gathered, since a call costs more than a copy.
constexpr std::size_t kWorthACall = 512;

constexpr std::array<char, 512> kLineEnds = [] {
  std::array<char, 512> text{};
  for (std::size_t i = 0; i < text.size(); i += 2) {
    text[i] = '\r';
    text[i + 1] = '\n';
  }
  return text;
}();

// Is there a blank to be changed in the block? Without branches, so that compilers make vector code of it. Reads one
// octet behind the block.
bool needs_change(const char* block) {
  unsigned char found = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char next = block[i + 1];
    const auto ends = static_cast<unsigned char>((next == ' ') | (next == '\t') | (next == '\r'));
    found |= static_cast<unsigned char>((block[i] == '\t') | ((block[i] == ' ') & ends));
  }
  return found != 0;
}

// What becomes of an octet depends on the two behind it only: of a run of blanks the last one stays, as a space, unless
// a line end follows. Without branches, since text has blanks where no predictor expects them. Returns the new end.
char* reduce_octet(char octet, char next, char second, char* out) {
  const bool blank = ascii::is_blank(octet);
  *out = blank ? ' ' : octet;
  return out + static_cast<int>(!(blank & (ascii::is_blank(next) | ((next == '\r') & (second == '\n')))));
}

// The same for a block; reads two octets behind it, and writes so many as it has. First for all octets at once, then
// those that stay are moved together, eight by eight where nothing is dropped.
char* reduce_block(const char* block, char* out) {
  std::array<char, kBlock> kept;
  std::array<unsigned char, kBlock> drop;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char next = block[i + 1];
    const bool blank = (block[i] == ' ') | (block[i] == '\t');
    drop[i] = static_cast<unsigned char>(blank &
                                         ((next == ' ') | (next == '\t') | ((next == '\r') & (block[i + 2] == '\n'))));
    kept[i] = block[i] == '\t' ? ' ' : block[i];
  }
  for (std::size_t word = 0; word < kBlock; word += sizeof(std::uint64_t)) {
    std::uint64_t any = 0;
    std::memcpy(&any, drop.data() + word, sizeof any);
    if (any == 0) {
      std::memcpy(out, kept.data() + word, sizeof any);
      out += sizeof any;
      continue;
    }
    for (std::size_t i = word; i < word + sizeof any; ++i) {
      *out = kept[i];
      out += 1 - drop[i];
    }
  }
  return out;
}

}  // namespace

void LastLines::release() {
  for (std::uint64_t left = 2 * line_ends_; left > 0;) {
    const std::uint64_t now = std::min<std::uint64_t>(left, kLineEnds.size());
    sink_.write({kLineEnds.data(), static_cast<std::size_t>(now)});
    left -= now;
  }
  line_ends_ = 0;
  content_ = true;
}

void LastLines::feed(std::string_view bytes) {
  if (bytes.empty()) return;
  if (cr_) {
    cr_ = false;
    if (bytes.front() == '\n') {
      ++line_ends_;
      bytes.remove_prefix(1);
    } else {
      release();
      sink_.write("\r");
    }
  }
  if (bytes.ends_with('\r')) {
    cr_ = true;
    bytes.remove_suffix(1);
  }
  std::uint64_t last_ends = 0;
  while (bytes.ends_with("\r\n")) {
    ++last_ends;
    bytes.remove_suffix(2);
  }
  if (!bytes.empty()) {
    release();
    sink_.write(bytes);
  }
  line_ends_ += last_ends;
}

void LastLines::finish(bool even_if_empty) {
  if (cr_) {
    release();
    sink_.write("\r");
  }
  if (content_ || even_if_empty) sink_.write("\r\n");
}

bool BlankReducer::end_blanks(std::string_view& bytes) {
  if (!cr_) {
    while (!bytes.empty() && ascii::is_blank(bytes.front())) bytes.remove_prefix(1);
    if (bytes.empty()) return false;
    if (bytes == "\r") {
      cr_ = true;
      return false;
    }
    if (!bytes.starts_with("\r\n")) pass(" ");
  } else {
    pass(bytes.starts_with('\n') ? "\r" : " \r");
  }
  blanks_ = cr_ = false;
  return true;
}

void BlankReducer::pass(std::string_view bytes) {
  if (bytes.size() >= kWorthACall) {
    flush();
    next_.feed(bytes);
    return;
  }
  make_room(bytes.size());
  std::ranges::copy(bytes, end_);
  end_ += bytes.size();
}

void BlankReducer::make_room(std::size_t octets) {
  if (static_cast<std::size_t>(buffer_.end() - end_) < octets) flush();
}

void BlankReducer::flush() {
  next_.feed({buffer_.begin(), end_});
  end_ = buffer_.begin();
}

void BlankReducer::feed(std::string_view bytes) {
  if (blanks_ && !end_blanks(bytes)) return;
  // All but the last octets, for which those behind are missing.
  while (bytes.size() >= kBlock + 2) {
    std::size_t clean = 0;
    while (clean + kBlock + 2 <= bytes.size() && !needs_change(bytes.data() + clean)) clean += kBlock;
    if (clean > 0) {
      pass(bytes.substr(0, clean));
      bytes.remove_prefix(clean);
      continue;
    }
    make_room(kBlock);
    end_ = reduce_block(bytes.data(), end_);
    bytes.remove_prefix(kBlock);
  }
  make_room(bytes.size());
  for (; !bytes.empty(); bytes.remove_prefix(1)) {
    if (ascii::is_blank(bytes[0]) && (bytes.size() == 1 || (bytes.size() == 2 && bytes[1] == '\r'))) {
      blanks_ = true;
      cr_ = bytes.size() == 2;
      return;
    }
    end_ = reduce_octet(bytes[0], bytes.size() > 1 ? bytes[1] : 'x', bytes.size() > 2 ? bytes[2] : 'x', end_);
  }
}

void BlankReducer::finish() {
  // Without a line end behind them they are not at a line's end; the one that is added comes later (3.4.4 a, b).
  if (blanks_) pass(cr_ ? " \r" : " ");
  flush();
}

BodyCanonicalizer::BodyCanonicalizer(Canonicalization canonicalization, BodySink& sink)
    : canonicalization_(canonicalization), lines_(sink), blanks_(lines_) {}

void BodyCanonicalizer::feed(std::string_view bytes) {
  if (canonicalization_ == Canonicalization::Simple) {
    lines_.feed(bytes);
  } else {
    blanks_.feed(bytes);
  }
}

void BodyCanonicalizer::finish() {
  if (canonicalization_ == Canonicalization::Relaxed) blanks_.finish();
  lines_.finish(canonicalization_ == Canonicalization::Simple);
}

}  // namespace anechoic::auth::dkim
