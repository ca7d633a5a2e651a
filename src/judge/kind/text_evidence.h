// SPDX-License-Identifier: Apache-2.0
// Reads a message's structure and its sender's own words.
//
// Own words: the text before a forward or quote mark, without lines that begin with '>' and without what lies in
// enclosed messages. Somebody who forwards or discusses a bounce quotes its words; they are not his. Threads: pure but
// for the phrases' automaton.
#pragma once

#include <cstddef>

#include "judge/kind/evidence.h"
#include "judge/kind/phrases.h"
#include "mail/mime/message.h"

namespace anechoic::judge {

inline constexpr std::size_t kHeadBytes = 1600;  // folded; phrases in here count in full

void read_structure(const mail::Message& message, Evidence& evidence);

// Looks for phrases in the subject.
void read_subject_phrases(const Phrases& phrases, Evidence& evidence);
// And in the first `limit` octets of the own words.
void read_text(const mail::Message& message, const Phrases& phrases, std::size_t limit, Evidence& evidence);

// Appends the own words of `text`, folded, to `out`; at most `limit` octets. True if a mark ended them.
bool fold_own_words(std::string_view text, std::size_t limit, std::string& out);

}  // namespace anechoic::judge
