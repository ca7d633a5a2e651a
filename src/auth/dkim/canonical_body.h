// SPDX-License-Identifier: Apache-2.0
// The canonical form of a body, as a stream.
//
// Any pieces; line ends are CRLF (a CR or LF alone is an octet like others). Long clean stretches are handed on as they
// are, without a copy. Memory: constant; empty lines that may be the last ones are counted, not kept.
// Errors: none.   Lifetime: the sink outlives it; what it is given is valid during the call.   Threads: none; one
// owner.                                                                                            RFC 6376 3.4.3-4
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/dkim/canonicalization.h"

namespace anechoic::auth::dkim {

class BodySink {
 public:
  virtual void write(std::string_view canonical) = 0;

 protected:
  ~BodySink() = default;
};

// Holds back empty lines at the end.
class LastLines {
 public:
  explicit LastLines(BodySink& sink) : sink_(sink) {}
  void feed(std::string_view bytes);
  void finish(bool even_if_empty);  // one line end; for an empty body only if wished

 private:
  void release();

  BodySink& sink_;
  std::uint64_t line_ends_ = 0;
  bool cr_ = false;       // the last octet fed is a CR, not passed on
  bool content_ = false;  // was anything passed on?
};

// Removes blanks at line ends and reduces others to one space.
class BlankReducer {
 public:
  explicit BlankReducer(LastLines& next) : next_(next) {}
  BlankReducer(const BlankReducer&) = delete;
  BlankReducer& operator=(const BlankReducer&) = delete;
  void feed(std::string_view bytes);
  void finish();

 private:
  static constexpr std::size_t kBuffer = 8192;
  // What stands behind a run of blanks decides about it. False: `bytes` end before it is known.
  [[nodiscard]] bool end_blanks(std::string_view& bytes);
  void pass(std::string_view bytes);
  void make_room(std::size_t octets);  // at most kBuffer
  void flush();

  LastLines& next_;
  std::array<char, kBuffer> buffer_;
  char* end_ = buffer_.begin();  // of what is in it
  bool blanks_ = false;          // a run of blanks is open
  bool cr_ = false;              // and a CR stands behind it
};

class BodyCanonicalizer {
 public:
  BodyCanonicalizer(Canonicalization canonicalization, BodySink& sink);
  BodyCanonicalizer(const BodyCanonicalizer&) = delete;
  BodyCanonicalizer& operator=(const BodyCanonicalizer&) = delete;
  void feed(std::string_view bytes);
  void finish();

 private:
  Canonicalization canonicalization_;
  LastLines lines_;
  BlankReducer blanks_;
};

}  // namespace anechoic::auth::dkim
