// SPDX-License-Identifier: Apache-2.0
// Reads from a message's header block and envelope whatever speaks for or against automatic mail: one pass over the
// fields, each looked up once in the rules of data/automatic_mail.toml.
//
// Threads: a HeaderRules is constant once made.                            RFC 3834 5, RFC 5230 4.6, RFC 2369, RFC 2919
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "judge/kind/evidence.h"
#include "mail/header_block.h"
#include "rules/automatic_mail.h"

namespace anechoic::judge {

class HeaderRules {
 public:
  HeaderRules();

  void read(const mail::HeaderBlock& header, const std::optional<std::string>& envelope_from, Evidence& evidence) const;

 private:
  void apply(const rules::headers::HeaderRule& rule, const mail::Field& field, Evidence& evidence) const;

  std::unordered_multimap<std::string_view, const rules::headers::HeaderRule*> exact_;
  std::vector<const rules::headers::HeaderRule*> prefixes_;  // all begin with "x-"
};

// Takes tags ("[EXTERNAL]", "*****SPAM*****") and reply and forward words off a folded subject, and notes the latter.
// What is left is what SubjectStart phrases may begin at; nothing where it is a reply or forward.
void read_subject(std::string_view decoded, Evidence& evidence);

}  // namespace anechoic::judge
