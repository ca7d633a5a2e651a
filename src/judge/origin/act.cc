// SPDX-License-Identifier: Apache-2.0
#include "judge/origin/act.h"

#include <algorithm>

namespace anechoic::judge::origin {

namespace {

constexpr std::string_view kBadTag =
    "We did not issue this tagged return path, so the message that you answer was not sent by us: its sender was "
    "forged. Please refuse such mail in session instead of answering it";
constexpr std::string_view kAbsent =
    "We have no record of the message that you answer: its sender was forged. Please refuse such mail in session "
    "instead of answering it";
constexpr std::string_view kUntaggedBounce =
    "All mail of this address leaves with a tagged return path, and this bounce came to the untagged one: it answers a "
    "forged message, or does not go to the return path";
constexpr std::string_view kJoeJob =
    "This address is being forged as a sender and takes bounces at its tagged return path only for now. Bounces go to "
    "the return path of the message that they answer";
constexpr std::string_view kUntaggedAtData =
    "All mail of this domain leaves with a tagged return path: bounces are taken there only. Please send them to the "
    "return path of the message that they answer";

std::string_view text_for(const Judgement& judgement) {
  if (judgement.has(Reason::TagBad)) return kBadTag;
  return judgement.has(Reason::UntaggedBounce) ? kUntaggedBounce : kAbsent;
}

Decision refuse(Rule rule, std::string_view text) {
  return {.enforcing = Action::Refuse, .rule = rule, .text = text};
}

Action filed(Filing filing) {
  switch (filing) {
    case Filing::Deliver:
      break;
    case Filing::ByHeader:
      return Action::FileByHeader;
    case Filing::ToFolder:
      return Action::FileToFolder;
  }
  return Action::Accept;
}

// Before the message is there, only the recipient's address speaks.
Decision before_data(const Evidence& evidence, const Judgement& judgement, const Situation& situation,
                     const Settings& settings) {
  if (judgement.origin == Origin::NotOurs && judgement.has(Reason::TagBad)) return refuse(Rule::NotOurs, kBadTag);
  const bool untagged = evidence.null_sender && evidence.tag == Tag::None;
  if (untagged && situation.joe_job && settings.joe_job_refuses_untagged) return refuse(Rule::JoeJob, kJoeJob);
  if (untagged && situation.stage == Stage::DataCommand && settings.refuse_untagged_at_data &&
      evidence.all_tagged == AllTagged::Declared) {
    return refuse(Rule::UntaggedAtData, kUntaggedAtData);
  }
  return {.rule = Rule::JudgedLater};
}

Decision at_end(const Evidence& evidence, const Judgement& judgement, const Situation& situation,
                const Settings& settings) {
  if (judgement.origin == Origin::Ours) return {.rule = Rule::Ours};
  if (judgement.origin == Origin::NotOurs) return refuse(Rule::NotOurs, text_for(judgement));
  const bool may_be_a_human = evidence.phrases_only && !evidence.null_sender;
  if (!evidence.kind || !is_answer(*evidence.kind) || may_be_a_human) return {.rule = Rule::NotAnAnswer};
  const Filing filing = situation.joe_job ? std::max(settings.unknown, settings.unknown_in_joe_job) : settings.unknown;
  return {.enforcing = filed(filing), .rule = Rule::Unknown};
}

Decision enforcing(const Evidence& evidence, const Judgement& judgement, const Situation& situation,
                   const Settings& settings) {
  if (situation.role_account) return {.rule = Rule::RoleAccount};
  const bool end = situation.stage == Stage::EndOfData;
  const Decision decision =
      end ? at_end(evidence, judgement, situation, settings) : before_data(evidence, judgement, situation, settings);
  if (decision.enforcing == Action::Refuse && situation.trusted_relay) {
    return {.enforcing = end ? Action::FileToFolder : Action::Accept, .rule = Rule::TrustedRelay};
  }
  return decision;
}

}  // namespace

Decision act(const Evidence& evidence, const Judgement& judgement, const Situation& situation,
             const Settings& settings) {
  Decision decision = enforcing(evidence, judgement, situation, settings);
  decision.action = settings.enforce ? decision.enforcing : Action::Accept;
  return decision;
}

std::string_view to_string(Action action) {
  switch (action) {
    case Action::Accept:
      break;
    case Action::FileByHeader:
      return "file-by-header";
    case Action::FileToFolder:
      return "file-to-folder";
    case Action::Refuse:
      return "refuse";
  }
  return "accept";
}

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::RoleAccount:
      return "role-account";
    case Rule::JoeJob:
      return "joe-job";
    case Rule::UntaggedAtData:
      return "untagged-at-data";
    case Rule::JudgedLater:
      break;
    case Rule::Ours:
      return "ours";
    case Rule::NotOurs:
      return "not-ours";
    case Rule::NotAnAnswer:
      return "not-an-answer";
    case Rule::Unknown:
      return "unknown";
    case Rule::TrustedRelay:
      return "trusted-relay";
  }
  return "judged-later";
}

}  // namespace anechoic::judge::origin
