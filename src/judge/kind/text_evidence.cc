// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/text_evidence.h"

#include <algorithm>
#include <array>

#include "judge/kind/fold.h"

namespace anechoic::judge {

namespace {

constexpr std::size_t kPhraseOverlap = 160;  // the longest phrase lies wholly in one section

bool is_enclosed_type(const mail::ContentType& type) {
  return type.is("message", "rfc822") || type.is("message", "global") || type.is("text", "rfc822-headers") ||
         type.is("message", "global-headers") || type.is("text", "rfc822-header") ||
         type.is("message", "rfc822-headers");
}

bool is_report_type(const mail::ContentType& type) {
  return type.is("message", "delivery-status") || type.is("message", "global-delivery-status") ||
         type.is("message", "disposition-notification") || type.is("message", "global-disposition-notification") ||
         type.is("message", "feedback-report");
}

// What mail programs and mailers call it, folded, in a line that begins with dashes: behind it stands somebody else's
// message. Apple's programs leave the dashes out.
constexpr auto kMarks = std::to_array<std::string_view>({
    "original message",
    "original mail",
    "original email",
    "original-nachricht",
    "forwarded message",
    "forwarded mail",
    "forwarded by",
    "returned mail",
    "returned message",
    "returned copy",
    "copy of the message",
    "copy of your message",
    "message header",
    "message follows",
    "mail follows",
    "original headers",
    "below this line",
    "ursprungliche nachricht",
    "ursprungliche mail",
    "weitergeleitete nachricht",
    "originalnachricht",
    "message d'origine",
    "message original",
    "message transfere",
    "mensaje original",
    "mensaje reenviado",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "doorgestuurd bericht",
    "mensagem original",
    "mensagem encaminhada",
    "исходное сообщение",
    "пересылаемое сообщение",
    "перенаправленное сообщение",
    "ursprungligt meddelande",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "alkuperainen viesti",
    "oryginalna wiadomosc",
    "wiadomosc oryginalna",
    "puvodni zprava",
    "povodna sprava",
    "eredeti uzenet",
    "mesaj original",
    "orijinal ileti",
    "原始邮件",
    "原始郵件",
    "转发邮件",
    "元のメッセージ",
    "원본 메시지",
});
constexpr auto kAppleMarks = std::to_array<std::string_view>({
    "begin forwarded message",
    "anfang der weitergeleiteten",
    "debut du message",
    "inicio del mensaje reenviado",
    "inizio messaggio inoltrato",
    "begin doorgestuurd bericht",
});

bool is_mark(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  line = line.substr(first, 200);
  // Most lines are neither; those are not folded.
  const bool dashes = line.starts_with("--");
  if (!dashes && !line.starts_with("Beg") && !line.starts_with("Anf") && !line.starts_with("D\xC3\xA9") &&
      !line.starts_with("Ini"))
    return false;
  const std::string folded = fold(line, 100);
  if (!dashes) return std::ranges::any_of(kAppleMarks, [&](std::string_view mark) { return folded.starts_with(mark); });
  return std::ranges::any_of(kMarks, [&](std::string_view mark) { return folded.contains(mark); });
}

void add_points(PhraseScore& score, int PhraseScore::* section, const PhraseHit& hit, int weight) {
  int& points = score.*section;
  // The weightiest phrase of a section counts, and the second a little: variants of one sentence are one sentence.
  if (points == 0)
    points = weight;
  else if (weight > points)
    points = weight + 1;
  else if (points <= 3)
    ++points;
  if (hit.weight > score.best) {
    score.best = hit.weight;
    score.text = hit.text;
  }
}

// Neighbours share words: the language that most of them are in.
void vote(PhraseScore& score, const PhraseHit& hit) {
  for (PhraseScore::Vote& other : score.votes) {
    if (other.language.empty()) other.language = hit.language;
    if (other.language != hit.language) continue;
    other.weight += hit.weight;
    return;
  }
}

void add_hits(const std::vector<PhraseHit>& hits, int PhraseScore::* section, Evidence& evidence) {
  for (const PhraseHit& hit : hits) {
    // Deep in a text a hint says nothing, and words say half.
    const int weight = section == &PhraseScore::rest ? hit.weight - 1 : hit.weight;
    if (weight <= 0) continue;
    PhraseScore& score = evidence.scores[static_cast<std::size_t>(hit.signal)];
    vote(score, hit);
    if (hit.acknowledges) evidence.acknowledges = true;
    if (hit.twin) continue;
    add_points(score, section, hit, weight);
    evidence.add(hit.signal, std::string(hit.language) + ": " + std::string(hit.text));
  }
}

bool has_html_links(const mail::Message& message) {
  constexpr std::size_t kLooked = 32 * 1024;
  return std::ranges::any_of(message.parts, [](const mail::Part& part) {
    return !part.inside_message && part.type.is("text", "html") && part.body.substr(0, kLooked).contains("href");
  });
}

}  // namespace

void read_structure(const mail::Message& message, Evidence& evidence) {
  for (const mail::Part& part : message.parts) {
    if (part.inside_message) {
      if (is_report_type(part.type)) evidence.add(SignalId::EnclosedReport, part.type.type + "/" + part.type.subtype);
      continue;
    }
    if (is_enclosed_type(part.type))
      evidence.add(SignalId::ReturnedMessage, part.type.type + "/" + part.type.subtype);
    else if (part.type.type != "multipart" && part.type.type != "text" && part.type.type != "message")
      evidence.has_attachment = true;
  }
}

void read_subject_phrases(const Phrases& phrases, Evidence& evidence) {
  add_hits(phrases.in_subject(evidence.subject), &PhraseScore::subject, evidence);
}

bool fold_own_words(std::string_view text, std::size_t limit, std::string& out) {
  Folder folder(out, limit);
  bool marked = false;
  while (!text.empty() && !folder.full()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos && line[first] == '>') continue;
    if (is_mark(line)) {
      marked = true;
      break;
    }
    folder.append(line);
    folder.append("\n");
  }
  folder.finish();
  return marked;
}

void read_text(const mail::Message& message, const Phrases& phrases, std::size_t limit, Evidence& evidence) {
  std::string text;
  if (fold_own_words(mail::readable_text(message, limit), limit, text)) evidence.add(SignalId::QuotedText);
  const std::string_view all(text);
  add_hits(phrases.in_text(all.substr(0, kHeadBytes)), &PhraseScore::head, evidence);
  if (all.size() > kHeadBytes)
    add_hits(phrases.in_text(all.substr(kHeadBytes - kPhraseOverlap)), &PhraseScore::rest, evidence);
  if (all.contains("http://") || all.contains("https://") || all.contains("www.") || has_html_links(message))
    evidence.add(SignalId::Links);
}

}  // namespace anechoic::judge
