// SPDX-License-Identifier: Apache-2.0
#include "judge/origin/weigh.h"

#include <algorithm>

namespace anechoic::judge::origin {

namespace {

constexpr std::chrono::days kClockSkew{1};

bool left_past_the_tagger(const SentLedger& ledger) {
  return ledger.state == Ledger::Found && ledger.to_sender && !ledger.left_tagged;
}

Finding batv(Reason reason, Bearing bearing = Bearing::Neutral) {
  return {Source::Batv, reason, bearing};
}

Finding untagged(const Evidence& evidence) {
  if (evidence.all_tagged == AllTagged::NotDeclared) return batv(Reason::Untagged);
  if (evidence.all_tagged == AllTagged::Contradicted) return batv(Reason::UntaggedDeclarationContradicted);
  if (left_past_the_tagger(evidence.ledger)) return batv(Reason::UntaggedAsSent);
  if (!evidence.kind) return batv(Reason::UntaggedKindNotAsked);
  if (*evidence.kind != Kind::Dsn) return batv(Reason::UntaggedNotABounce);
  if (evidence.phrases_only) return batv(Reason::UntaggedPhrasesAlone);
  return batv(Reason::UntaggedBounce, Bearing::Against);
}

Finding bad_tag(const Evidence& evidence) {
  if (evidence.other_signer) return batv(Reason::TagBadOtherSigner);
  if (!evidence.null_sender) return batv(Reason::TagBadSenderNotNull);
  return batv(Reason::TagBad, Bearing::Against);
}

std::optional<Finding> weigh_tag(const Evidence& evidence) {
  switch (evidence.tag) {
    case Tag::NotAsked:
      break;
    case Tag::None:
      return untagged(evidence);
    case Tag::Good:
      return batv(Reason::TagGood, Bearing::For);
    case Tag::Expired:
      return batv(Reason::TagExpired, Bearing::For);
    case Tag::BadMac:
      return bad_tag(evidence);
    case Tag::UnknownKey:
      return batv(Reason::TagUnknownKey);
    case Tag::Foreign:
      return batv(Reason::TagForeign);
  }
  return std::nullopt;
}

bool to_whom_it_may(bool to_author, const SentLedger& ledger) {
  return to_author || (ledger.state == Ledger::Found && ledger.to_sender);
}

// A signature is public, so whoever received the message can show it again: only for as long as a genuine answer may
// come. Only our own time is added to: those that a header claims may be anything.
bool in_time(const OwnDkim& dkim, WallTime now, const Options& options) {
  const std::optional<WallTime> made = dkim.signed_at ? dkim.signed_at : dkim.date;
  if (!made || *made > now + kClockSkew || *made < now - options.dkim_lifetime - kClockSkew) {
    return false;
  }
  return !dkim.expires || *dkim.expires >= now - kClockSkew;
}

std::optional<Finding> weigh_dkim(const Evidence& evidence, const Options& options) {
  const auto finding = [](Reason reason, Bearing bearing = Bearing::Neutral) {
    return Finding{Source::Dkim, reason, bearing};
  };
  switch (evidence.dkim.state) {
    case Dkim::NotAsked:
      break;
    case Dkim::Absent:
      return finding(Reason::DkimAbsent);
    case Dkim::Failed:
      return finding(Reason::DkimFailed);
    case Dkim::Unavailable:
      return finding(Reason::DkimUnavailable);
    case Dkim::Verified:
      if (!in_time(evidence.dkim, evidence.now, options)) return finding(Reason::DkimOutOfTime);
      if (!to_whom_it_may(evidence.dkim.to_author, evidence.ledger)) return finding(Reason::DkimOtherAddressee);
      return finding(Reason::DkimVerified, Bearing::For);
  }
  return std::nullopt;
}

std::optional<Finding> weigh_watermark(const Evidence& evidence) {
  const auto finding = [](Reason reason, Bearing bearing = Bearing::Neutral) {
    return Finding{Source::Watermark, reason, bearing};
  };
  switch (evidence.watermark.state) {
    case Watermark::NotAsked:
      break;
    case Watermark::Absent:
      return finding(Reason::WatermarkAbsent);
    case Watermark::Bad:
      return finding(Reason::WatermarkBad);
    case Watermark::UnknownKey:
      return finding(Reason::WatermarkUnknownKey);
    case Watermark::Good:
    case Watermark::Expired:
      if (!to_whom_it_may(evidence.watermark.to_author, evidence.ledger)) {
        return finding(Reason::WatermarkOtherAddressee);
      }
      return finding(evidence.watermark.state == Watermark::Good ? Reason::WatermarkGood : Reason::WatermarkExpired,
                     Bearing::For);
  }
  return std::nullopt;
}

// A MAC or signature that only we can make, to whomever the message goes and whenever it was made.
bool proves_our_hand(Reason reason) {
  return reason == Reason::TagGood || reason == Reason::TagExpired || reason == Reason::DkimVerified ||
         reason == Reason::DkimOutOfTime || reason == Reason::DkimOtherAddressee || reason == Reason::WatermarkGood ||
         reason == Reason::WatermarkExpired || reason == Reason::WatermarkOtherAddressee;
}

Finding absent(const Evidence& evidence, const std::vector<Finding>& others) {
  const auto finding = [](Reason reason, Bearing bearing = Bearing::Neutral) {
    return Finding{Source::Ledger, reason, bearing};
  };
  if (!evidence.identified) return finding(Reason::AbsentUnidentified);
  if (evidence.next_hop_rewrites) return finding(Reason::AbsentNextHopRewrites);
  if (evidence.other_signer) return finding(Reason::AbsentOtherSigner);
  if (!evidence.kind || !is_answer(*evidence.kind)) return finding(Reason::AbsentNotAnAnswer);
  if (evidence.phrases_only) return finding(Reason::AbsentPhrasesAlone);
  // What a ledger without holes would know, it does not know: then it has holes, and its silence says nothing.
  if (std::ranges::any_of(others, proves_our_hand, &Finding::reason)) return finding(Reason::AbsentThoughOurs);
  return finding(Reason::Absent, Bearing::Against);
}

std::optional<Finding> weigh_ledger(const Evidence& evidence, const std::vector<Finding>& others) {
  const auto finding = [](Reason reason, Bearing bearing = Bearing::Neutral) {
    return Finding{Source::Ledger, reason, bearing};
  };
  switch (evidence.ledger.state) {
    case Ledger::NotAsked:
      break;
    case Ledger::Unavailable:
      return finding(Reason::LedgerUnavailable);
    case Ledger::Found:
      return evidence.ledger.to_sender ? finding(Reason::LedgerFound, Bearing::For)
                                       : finding(Reason::LedgerOtherSender);
    case Ledger::AbsentOutside:
      return finding(Reason::AbsentOutsideCoverage);
    case Ledger::AbsentInside:
      return absent(evidence, others);
  }
  return std::nullopt;
}

std::optional<Finding> weigh_spf(RetroSpf spf) {
  switch (spf) {
    case RetroSpf::NotAsked:
      break;
    case RetroSpf::Unknown:
      return Finding{Source::Spf, Reason::SpfUnknown};
    case RetroSpf::Pass:
      return Finding{Source::Spf, Reason::SpfPass};
    case RetroSpf::Fail:
      return Finding{Source::Spf, Reason::SpfFail};
  }
  return std::nullopt;
}

Origin together(const std::vector<Finding>& findings) {
  const auto says = [&](Bearing bearing, bool of_tag) {
    return std::ranges::any_of(
        findings, [&](const Finding& f) { return f.bearing == bearing && (f.source == Source::Batv) == of_tag; });
  };
  if (says(Bearing::For, true)) return Origin::Ours;
  if (says(Bearing::Against, true)) return Origin::NotOurs;
  if (says(Bearing::For, false)) return Origin::Ours;
  if (says(Bearing::Against, false)) return Origin::NotOurs;
  return Origin::Unknown;
}

std::vector<Contradiction> contradictions_of(const Judgement& judgement, const SentLedger& ledger) {
  std::vector<Contradiction> found;
  const bool left_tagged = ledger.state == Ledger::Found && ledger.to_sender && ledger.left_tagged;
  for (const Finding& finding : judgement.findings) {
    if (finding.bearing == Bearing::For && judgement.has(Reason::TagBad)) {
      // With the very tag that it left with, the message may be genuine and the key not the one it was made with.
      found.push_back({finding.reason, Reason::TagBad, left_tagged && !ledger.left_as_addressed});
    }
    if (finding.bearing == Bearing::For && judgement.has(Reason::UntaggedBounce)) {
      found.push_back({finding.reason, Reason::UntaggedBounce, left_tagged});
    }
    if (finding.reason == Reason::LedgerFound && judgement.has(Reason::UntaggedAsSent)) {
      found.push_back({finding.reason, Reason::UntaggedAsSent, false});
    }
    if (proves_our_hand(finding.reason) && judgement.has(Reason::AbsentThoughOurs)) {
      found.push_back({finding.reason, Reason::AbsentThoughOurs, false});
    }
  }
  return found;
}

}  // namespace

Judgement weigh(const Evidence& evidence, const Options& options) {
  Judgement judgement;
  judgement.findings.reserve(5);
  const auto add = [&](std::optional<Finding> finding) {
    if (finding) judgement.findings.push_back(*finding);
  };
  add(weigh_tag(evidence));
  add(weigh_dkim(evidence, options));
  add(weigh_watermark(evidence));
  add(weigh_ledger(evidence, judgement.findings));
  add(weigh_spf(evidence.spf));
  judgement.origin = together(judgement.findings);
  judgement.contradictions = contradictions_of(judgement, evidence.ledger);
  return judgement;
}

std::vector<Source> Judgement::by() const {
  std::vector<Source> sources;
  const Bearing wanted = origin == Origin::Ours ? Bearing::For : Bearing::Against;
  for (const Finding& finding : findings) {
    if (origin != Origin::Unknown && finding.bearing == wanted) sources.push_back(finding.source);
  }
  return sources;
}

bool Judgement::has(Reason reason) const {
  return std::ranges::find(findings, reason, &Finding::reason) != findings.end();
}

bool Judgement::contradicted() const {
  return std::ranges::any_of(contradictions, [](const Contradiction& c) { return !c.explained; });
}

bool is_answer(Kind kind) {
  return kind == Kind::Dsn || kind == Kind::Mdn || kind == Kind::AutoReply || kind == Kind::Challenge ||
         kind == Kind::VirusNotice;
}

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::Ours:
      return "ours";
    case Origin::NotOurs:
      return "not-ours";
    case Origin::Unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Source source) {
  switch (source) {
    case Source::Batv:
      return "batv";
    case Source::Dkim:
      return "dkim";
    case Source::Watermark:
      return "watermark";
    case Source::Ledger:
      return "ledger";
    case Source::Spf:
      break;
  }
  return "spf";
}

}  // namespace anechoic::judge::origin
