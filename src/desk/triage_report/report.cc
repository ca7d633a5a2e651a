// SPDX-License-Identifier: Apache-2.0
#include "desk/triage_report/report.h"

#include <algorithm>
#include <map>

#include "desk/triage_report/chart.h"
#include "desk/triage_report/html.h"
#include "desk/triage_report/style.h"

namespace anechoic::desk {
namespace {

using judge::Kind;
using triage::Findings;
using triage::Genuine;
using triage::Origin;

constexpr std::size_t kRows = 12;

std::string card(std::uint64_t count, std::string_view words, std::string_view colour) {
  return "<div class=\"card " + std::string(colour) + "\"><b>" + with_commas(count) + "</b><span>" +
         std::string(words) + "</span></div>";
}

std::string head(const Findings& findings, WallTime made, std::string_view version) {
  std::string names;
  for (const triage::MailboxResult& mailbox : findings.mailboxes)
    names += (names.empty() ? "" : ", ") + escape_html(mailbox.path, 200);
  std::string owner;
  for (const std::string& name : findings.me) owner += (owner.empty() ? "" : ", ") + escape_html(name, 200);
  return "<header><h1>Mailbox triage</h1><p>" + names + (owner.empty() ? "" : " · mail of " + owner) + "</p><p>" +
         day_and_time(made) + " UTC · anechoic " + escape_html(version) + "</p></header>";
}

std::string lead(const Findings& findings) {
  const std::uint64_t wrong = findings.of(Origin::NotOurs);
  const std::uint64_t ours = findings.of(Origin::Ours);
  std::string text = "<p class=\"lead\">Of <b>" + with_commas(findings.messages) + "</b> messages, <b>" +
                     with_commas(wrong) + "</b> (" + percent(wrong, findings.messages) +
                     ") are false bounces and other answers to mail that you did not write. ";
  if (ours == 0) return text + "None answers mail of yours.</p>";
  return text + (ours == 1 ? "<b>One</b> answers" : "<b>" + with_commas(ours) + "</b> answer") +
         " mail that you did write: see below what to do about " + (ours == 1 ? "it" : "each") + ".</p>";
}

std::string time_section(const Findings& findings) {
  const std::string drawing = time_line(findings);
  if (drawing.empty()) return "";
  return "<section><h2>Over time</h2><p>Messages by the time at which they came, UTC</p>" + drawing +
         "<div class=\"legend\"><span><i class=\"false\"></i>false</span><span><i class=\"unknown\"></i>not "
         "certain</span>"
         "<span><i class=\"ours\"></i>answers to your mail</span><span><i class=\"other\"></i>other "
         "mail</span></div></section>";
}

std::string kinds_section(const Findings& findings) {
  std::vector<Bar> rows;
  for (std::size_t index = 0; index < triage::kKinds; ++index) {
    const auto kind = static_cast<Kind>(index);
    const std::uint64_t count = findings.of(kind);
    if (count == 0) continue;
    const std::uint64_t wrong = findings.of(kind, Origin::NotOurs);
    rows.push_back({std::string(triage::plural(kind)), count, wrong > 0 ? "false" : "other",
                    wrong == 0 ? "" : percent(wrong, count) + " false"});
  }
  std::ranges::sort(rows, [](const Bar& a, const Bar& b) { return a.count > b.count; });
  return "<section><h2>Kinds</h2><p>What the messages are</p>" + bars(rows) + "</section>";
}

std::string tally_section(std::string_view title, std::string_view subtitle, const triage::Tally& tally, bool reasons) {
  if (tally.total() == 0) return "";
  std::vector<Bar> rows;
  for (const auto& [name, count] : tally.top(kRows)) {
    const auto reason = reasons ? mail::dsn::reason_from(name) : std::nullopt;
    rows.push_back(
        {reason ? std::string(triage::plain_words(*reason)) : name, count, "false", percent(count, tally.total())});
  }
  return "<section><h2>" + std::string(title) + "</h2><p>" + std::string(subtitle) + "</p>" + bars(rows) + "</section>";
}

std::string language_section(const triage::Tally& tally) {
  static const std::map<std::string, std::string, std::less<>> kNames = {
      {"ar", "Arabic"},     {"bg", "Bulgarian"}, {"ca", "Catalan"},   {"cs", "Czech"},    {"da", "Danish"},
      {"de", "German"},     {"el", "Greek"},     {"en", "English"},   {"es", "Spanish"},  {"et", "Estonian"},
      {"fi", "Finnish"},    {"fr", "French"},    {"he", "Hebrew"},    {"hr", "Croatian"}, {"hu", "Hungarian"},
      {"id", "Indonesian"}, {"it", "Italian"},   {"ja", "Japanese"},  {"ko", "Korean"},   {"lt", "Lithuanian"},
      {"lv", "Latvian"},    {"nb", "Norwegian"}, {"no", "Norwegian"}, {"nl", "Dutch"},    {"pl", "Polish"},
      {"pt", "Portuguese"}, {"ro", "Romanian"},  {"ru", "Russian"},   {"sk", "Slovak"},   {"sl", "Slovenian"},
      {"sr", "Serbian"},    {"sv", "Swedish"},   {"th", "Thai"},      {"tr", "Turkish"},  {"uk", "Ukrainian"},
      {"vi", "Vietnamese"}, {"zh", "Chinese"}};
  triage::Tally named;
  for (const auto& [code, count] : tally.top(SIZE_MAX)) {
    const auto known = kNames.find(code);
    named.add(known == kNames.end() ? code : known->second, count);
  }
  return tally_section("Languages", "Of the false ones, where their words tell", named, false);
}

std::string what_of(const Genuine& genuine) {
  if (genuine.kind != Kind::Dsn) return std::string(judge::to_string(genuine.kind));
  return genuine.action == "delayed" ? "delayed" : std::string(triage::plain_words(genuine.reason));
}

std::string item(const Genuine& genuine) {
  std::string html = "<div class=\"item\"><h4>" +
                     (genuine.recipient.empty() ? "somebody" : escape_html(genuine.recipient, 120)) + "</h4>";
  if (!genuine.subject.empty()) html += "<p>" + escape_html(genuine.subject) + "</p>";
  if (!genuine.diagnostic.empty()) html += "<p><code>" + escape_html(genuine.diagnostic) + "</code></p>";
  html += "<p class=\"meta\">" + (genuine.at ? day_and_time(*genuine.at) + " UTC · " : "");
  if (!genuine.status.empty()) html += escape_html(genuine.status) + " · ";
  if (!genuine.reported_by.empty()) html += "reported by " + escape_html(genuine.reported_by) + " · ";
  return html + std::string(sentence(genuine.why)) + " · " + escape_html(genuine.place, 200) + "</p></div>";
}

// Grouped by what happened, so that what to do is said once.
std::string genuine_section(const Findings& findings) {
  const std::uint64_t ours = findings.of(Origin::Ours);
  std::string html = "<section><h2>Answers to your own mail</h2><p>These stay where they are</p>";
  if (ours == 0) return html + "<p>None.</p></section>";
  std::map<std::string, std::vector<const Genuine*>> groups;
  for (const Genuine& genuine : findings.genuine) groups[what_of(genuine)].push_back(&genuine);
  std::vector<std::pair<std::string, std::vector<const Genuine*>>> sorted(groups.begin(), groups.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second.size() != b.second.size() ? a.second.size() > b.second.size() : a.first < b.first;
  });
  for (const auto& [what, members] : sorted) {
    html += "<div class=\"group\"><h3>" + what + "<span class=\"tag\">" + with_commas(members.size()) +
            "</span></h3><p class=\"todo\">" + std::string(triage::advice(*members.front())) +
            "</p><div class=\"items\">";
    for (const Genuine* genuine : members) html += item(*genuine);
    html += "</div></div>";
  }
  if (ours > findings.genuine.size())
    html += "<p class=\"meta\">and " + with_commas(ours - findings.genuine.size()) + " more</p>";
  return html + "</section>";
}

std::string unknown_section(const Findings& findings) {
  std::string rows;
  for (const auto& [name, count] : findings.why.top(SIZE_MAX))
    for (const triage::Why why :
         {triage::Why::NoOriginal, triage::Why::NotCovered, triage::Why::NoSent, triage::Why::NoOwner,
          triage::Why::Similar, triage::Why::Copied, triage::Why::Tagged, triage::Why::Colleague})
      if (to_string(why) == name)
        rows += "<tr><td class=\"n\">" + with_commas(count) + "</td><td>" + std::string(sentence(why)) + "</td></tr>";
  if (rows.empty()) return "";
  return "<section><h2>Not certain</h2><p>Automatic mail that stays, because nothing proves whose mail it "
         "answers</p><table>" +
         rows + "</table></section>";
}

std::string mailbox_section(const Findings& findings) {
  std::string html =
      "<section><h2>Mailboxes</h2><p>What was read, and what was "
      "moved</p><table><thead><tr><th>mailbox</th><th>format</th>"
      "<th class=\"n\">messages</th><th class=\"n\">false</th><th class=\"n\">moved</th></tr></thead>";
  for (const triage::MailboxResult& mailbox : findings.mailboxes)
    html += "<tr><td>" + escape_html(mailbox.path) + "</td><td>" + escape_html(mailbox.format) +
            "</td><td class=\"n\">" + with_commas(mailbox.messages) + "</td><td class=\"n\">" +
            with_commas(mailbox.false_answers) + "</td><td class=\"n\">" + with_commas(mailbox.moved) + "</td></tr>";
  html += "</table>";
  if (findings.sent_span)
    html += "<p class=\"meta\">Compared with " + with_commas(findings.sent) + " sent messages from " +
            day(findings.sent_span->first) + " to " + day(findings.sent_span->second) + ".</p>";
  return html + "</section>";
}

}  // namespace

std::string triage_report(const Findings& findings, WallTime made, std::string_view version) {
  std::string html(kReportBegin);
  html +=
      "<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Mailbox triage</title><style>";
  html += kStyle;
  html += "</style></head><body><main>" + head(findings, made, version) + lead(findings);
  html += "<div class=\"cards\">" + card(findings.messages, "messages read", "") +
          card(findings.of(Origin::NotOurs), "false bounces and answers", "false") +
          card(findings.of(Origin::Ours), "answers to your own mail", "ours") +
          card(findings.of(Origin::Unknown), "automatic, not certain", "unknown") + "</div>";
  html += time_section(findings) + genuine_section(findings);
  html += "<div class=\"two\">" + kinds_section(findings) +
          tally_section("Reasons", "Why the false bounces say that delivery failed", findings.reasons, true) +
          tally_section("Sources", "The servers that sent most of the false ones", findings.sources, false) +
          language_section(findings.languages) + "</div>";
  html += unknown_section(findings) + mailbox_section(findings);
  html +=
      "<footer>Made by <code>anechoic triage</code>. Nothing was deleted; <code>anechoic triage --undo</code> puts "
      "back "
      "what was moved.</footer></main></body></html>\n";
  return html;
}

}  // namespace anechoic::desk
