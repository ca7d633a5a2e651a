// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/canonical_header.h"

#include <cstdint>

#include "base/ascii.h"
#include "crypto/digest.h"

namespace anechoic::auth::dkim {

namespace {

void append_relaxed(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t begin = out.size();
  out.resize(begin + name.size() + value.size() + 3);
  char* end = out.data() + begin;
  for (const char c : name) *end++ = ascii::to_lower(c);
  *end++ = ':';
  bool blank = false;
  bool empty = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (ascii::is_blank(c)) {
      blank = true;
      continue;
    }
    if (c == '\n' || (c == '\r' && i + 1 < value.size() && value[i + 1] == '\n')) continue;
    if (blank && !empty) *end++ = ' ';
    *end++ = c;
    blank = empty = false;
  }
  *end++ = '\r';
  *end++ = '\n';
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void append_simple(std::string& out, std::string_view raw) {
  out += raw;
  if (!raw.ends_with('\n')) out += "\r\n";
}

}  // namespace

void append_canonical(std::string& out, Canonicalization canonicalization, const mail::Field& field) {
  if (canonicalization == Canonicalization::Relaxed) {
    append_relaxed(out, field.name, field.value);
  } else {
    append_simple(out, field.raw);
  }
}

std::vector<const mail::Field*> select_fields(const mail::HeaderBlock& header, const std::vector<std::string>& names,
                                              const mail::Field* own) {
  const std::vector<mail::Field>& fields = header.fields();
  std::vector<const mail::Field*> selected;
  selected.reserve(names.size());
  std::vector<std::uint8_t> taken(fields.size());
  for (const std::string& name : names) {
    for (std::size_t i = fields.size(); i-- > 0;) {
      if (taken[i] != 0 || &fields[i] == own || !ascii::iequals(fields[i].name, name)) continue;
      taken[i] = 1;
      selected.push_back(&fields[i]);
      break;
    }
  }
  return selected;
}

std::string HeaderHash::finish(const mail::Field& signature, std::string_view b) {
  std::string raw(signature.raw);
  raw.erase(static_cast<std::size_t>(b.data() - signature.raw.data()), b.size());
  const auto value = static_cast<std::size_t>(signature.value.data() - signature.raw.data());
  const std::size_t begin = text_.size();
  add(mail::Field{.name = signature.name, .value = std::string_view(raw).substr(value), .raw = raw});
  // The last line end is not signed.
  if (text_.size() > begin && text_.ends_with('\n')) text_.pop_back();
  if (text_.size() > begin && text_.ends_with('\r')) text_.pop_back();
  crypto::Sha256 digest;
  digest.update(text_);
  return digest.finish();
}

}  // namespace anechoic::auth::dkim
