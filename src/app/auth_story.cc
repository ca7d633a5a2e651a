// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app/auth_output.h"
#include "app/terminal_text.h"

namespace anechoic::app {

namespace {

constexpr std::size_t kMostSignatures = 20;  // that are told one by one
constexpr std::size_t kMostText = 300;       // of a stranger's record

class Story {
 public:
  void line(std::size_t indent, std::string_view text) {
    out_ += std::string(indent, ' ') + terminal_text(text) + '\n';
  }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

std::string cut(const std::string& text) {
  return text.size() <= kMostText ? text : text.substr(0, kMostText) + " ...";
}

// `text` in brackets behind a blank; "" when there is none.
std::string in_brackets(const std::string& text) {
  return text.empty() ? "" : " (" + text + ")";
}

std::string meaning(auth::spf::Result result, std::string_view client) {
  using enum auth::spf::Result;
  const std::string who(client);
  switch (result) {
    case Pass:
      return who + " may send for it";
    case Fail:
      return who + " may not send for it";
    case SoftFail:
      return who + " should not send for it, says its owner, who is not sure";
    case Neutral:
      return "its owner does not say whether " + who + " may send for it";
    case None:
      return "nothing is published that says who may send for it";
    case TempError:
      return "it could not be found out";
    case PermError:
      return "what is published can't be used";
  }
  return "";
}

void tell_spf(Story& story, const auth::spf::Outcome& outcome, std::string_view client) {
  const bool helo = outcome.identity == auth::spf::Identity::Helo;
  story.line(0, std::string(helo ? "SPF of HELO: " : "SPF: ") + std::string(to_string(outcome.result)) + " for " +
                    (outcome.domain.empty() ? "no domain" : outcome.domain) + " - " + meaning(outcome.result, client));
  if (!outcome.term.empty()) {
    story.line(2, "\"" + cut(outcome.term) + "\" matched, in the record of " + outcome.term_domain);
  } else if (outcome.problem.empty() && !outcome.record.empty()) {
    story.line(2, "nothing in the record matched");
  }
  if (!outcome.record.empty()) story.line(2, "the record: " + cut(outcome.record));
  if (!outcome.problem.empty()) story.line(2, outcome.problem);
  if (!outcome.explanation.empty()) story.line(2, "the domain explains: " + cut(outcome.explanation));
}

void tell_signature(Story& story, const auth::dkim::Outcome& outcome) {
  std::string what =
      std::string(to_string(outcome.result)) + " - " + (outcome.domain.empty() ? "no domain" : outcome.domain);
  std::string details = outcome.selector.empty() ? "" : "selector " + outcome.selector;
  const auto add = [&details](const std::string& detail) { details += (details.empty() ? "" : ", ") + detail; };
  if (!outcome.algorithm.empty()) add(outcome.algorithm);
  if (outcome.key_bits > 0) add(std::to_string(outcome.key_bits) + " bits");
  what += in_brackets(details);
  if (!outcome.reason.empty()) what += ": " + outcome.reason;
  story.line(2, what);
  std::string fields;
  for (const std::string& field : outcome.signed_headers) fields += (fields.empty() ? "" : ", ") + field;
  if (!fields.empty()) story.line(4, "it signs " + cut(fields));
  if (outcome.partial_body) story.line(4, "it covers a part of the body only (l=), so it proves nobody's address");
  if (outcome.testing) story.line(4, "the key says that its owner is testing (t=y)");
}

void tell_dkim(Story& story, const std::vector<auth::dkim::Outcome>& outcomes) {
  if (outcomes.empty()) {
    story.line(0, "DKIM: none - the message is not signed");
    return;
  }
  story.line(0, "DKIM: " + (outcomes.size() == 1 ? "one signature" : std::to_string(outcomes.size()) + " signatures"));
  const std::size_t told = std::min(outcomes.size(), kMostSignatures);
  for (std::size_t i = 0; i < told; ++i) tell_signature(story, outcomes[i]);
  if (told < outcomes.size()) story.line(2, "and " + std::to_string(outcomes.size() - told) + " more");
}

void tell_dmarc(Story& story, const auth::dmarc::Outcome& outcome) {
  std::string head = "DMARC: " + std::string(to_string(outcome.result));
  if (!outcome.from_domain.empty()) head += " for " + outcome.from_domain;
  if (outcome.result == auth::dmarc::Result::Pass) {
    head += " - aligned:";
    if (outcome.spf_aligned) head += " SPF of " + outcome.aligned_spf_domain;
    if (outcome.spf_aligned && outcome.dkim_aligned) head += ",";
    if (outcome.dkim_aligned) head += " DKIM of " + outcome.aligned_dkim_domain;
  }
  story.line(0, head);
  if (!outcome.reason.empty()) story.line(2, outcome.reason);
  if (outcome.policy) {
    std::string asked = "its owner asks for \"" + std::string(to_string(*outcome.policy)) + "\" where it fails";
    if (outcome.testing && outcome.published != outcome.policy) {
      asked += " (tests \"" + std::string(to_string(*outcome.published)) + "\", t=y)";
    }
    story.line(2, asked);
  }
  if (!outcome.record.empty()) story.line(2, "the record at _dmarc." + outcome.domain + ": " + cut(outcome.record));
}

void tell_arc(Story& story, const auth::arc::Outcome& outcome) {
  std::string head = "ARC: " + std::string(to_string(outcome.result));
  if (outcome.result == auth::arc::Result::None && outcome.reason.empty()) head += " - no forwarder sealed it";
  if (!outcome.reason.empty()) head += ": " + outcome.reason;
  story.line(0, head);
  if (outcome.sealers.empty()) return;
  std::string sealers = "sealed by";
  for (std::size_t i = 0; i < std::min(outcome.sealers.size(), kMostSignatures); ++i) {
    sealers += (i == 0 ? " " : ", ") + outcome.sealers[i];
  }
  story.line(2, sealers);
}

std::string_view words_for(auth::Place place) {
  switch (place) {
    case auth::Place::ReversePath:
      return "reverse-path";
    case auth::Place::From:
      return "From";
    case auth::Place::Sender:
      return "Sender";
    case auth::Place::ReplyTo:
      return "Reply-To";
  }
  return "";
}

std::string_view words_for(auth::By by) {
  switch (by) {
    case auth::By::Spf:
      return "SPF";
    case auth::By::Dkim:
      return "DKIM";
    case auth::By::Submission:
      return "authenticated submission";
  }
  return "";
}

void tell_addresses(Story& story, const auth::Evidence& evidence) {
  if (!evidence.proved.empty()) story.line(0, "Proved");
  for (const auth::Proved& one : evidence.proved) {
    story.line(2, one.address + " (" + std::string(words_for(one.place)) + ") by " + std::string(words_for(one.by)) +
                      (one.domain.empty() ? "" : " of " + one.domain));
  }
  if (!evidence.not_proved.empty()) story.line(0, "Not proved");
  for (const auth::NotProved& one : evidence.not_proved) {
    story.line(2, one.address + " (" + std::string(words_for(one.place)) + "): " + std::string(to_string(one.value)) +
                      ", because " + one.because);
  }
  if (evidence.proved.empty() && evidence.not_proved.empty()) story.line(0, "There is no address to prove");
}

}  // namespace

std::string auth_story(const auth::Evidence& evidence, std::string_view client) {
  Story story;
  if (evidence.spf) {
    tell_spf(story, *evidence.spf, client);
  } else {
    story.line(0, "SPF: not asked; --ip, --helo and --mail-from would tell who delivered it");
  }
  if (evidence.helo) tell_spf(story, *evidence.helo, client);
  if (evidence.dkim) tell_dkim(story, *evidence.dkim);
  if (evidence.dmarc) tell_dmarc(story, *evidence.dmarc);
  if (evidence.arc) tell_arc(story, *evidence.arc);
  tell_addresses(story, evidence);
  return std::move(story).take();
}

}  // namespace anechoic::app
