// SPDX-License-Identifier: Apache-2.0
// The report's style sheet.
#pragma once

#include <string_view>

namespace anechoic::desk {

inline constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--paper:#f5f6f8;--card:#fff;--ink:#1b2330;--soft:#5d6878;--line:#e2e6ec;
--false:#d1495b;--ours:#2a9d6f;--unknown:#e0a030;--other:#9fb0c6;--accent:#33527a}
@media(prefers-color-scheme:dark){:root{--paper:#10151d;--card:#19212c;--ink:#e6ebf2;--soft:#94a1b3;--line:#2a3442;
--false:#e2667a;--ours:#46c08f;--unknown:#e6b252;--other:#56667d;--accent:#86b0e8}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
header p{color:var(--soft);margin:4px 0 0;overflow-wrap:anywhere}
h1{font-size:30px;line-height:1.2;margin:0;letter-spacing:-.02em}
h2{font-size:18px;margin:0 0 4px}
h2+p{color:var(--soft);margin:0 0 16px;font-size:14px}
.lead{font-size:20px;margin:24px 0;max-width:46em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:16px;margin:28px 0}
.card,section{background:var(--card);border:1px solid var(--line);border-radius:12px}
.card{padding:18px 20px;border-top:4px solid var(--other)}
.card b{display:block;font-size:34px;line-height:1.15;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.card span{color:var(--soft);font-size:14px}
.card.false{border-top-color:var(--false)}.card.ours{border-top-color:var(--ours)}.card.unknown{border-top-color:var(--unknown)}
section{padding:24px;margin:0 0 20px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:20px;align-items:start}
.two section{margin:0}.two{margin:0 0 20px}
svg{width:100%;height:auto;display:block}
svg .false{fill:var(--false)}svg .ours{fill:var(--ours)}svg .unknown{fill:var(--unknown)}svg .other{fill:var(--other)}
svg .grid{stroke:var(--line)}svg .axis{fill:var(--soft);font-size:13px}
.legend{display:flex;flex-wrap:wrap;gap:18px;font-size:14px;color:var(--soft);margin:12px 0 0 56px}
.legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:7px}
i.false,.fill.false{background:var(--false)}i.ours,.fill.ours{background:var(--ours)}
i.unknown,.fill.unknown{background:var(--unknown)}i.other,.fill.other{background:var(--other)}
.bar{display:grid;grid-template-columns:minmax(0,13em) 1fr 8em;gap:12px;align-items:center;padding:5px 0;font-size:14px}
.bar .label{overflow-wrap:anywhere}.track{background:var(--paper);border-radius:5px;height:14px;overflow:hidden}
.fill{display:block;height:100%;border-radius:5px}
.count{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.count small{color:var(--soft);margin-left:6px}
.group{border-top:1px solid var(--line);padding:18px 0 4px}
.group h3{font-size:16px;margin:0}.group h3::first-letter{text-transform:uppercase}
.group .todo{border-left:3px solid var(--ours);padding-left:12px;margin:6px 0 12px}
.items{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));gap:12px;margin:0 0 14px}
.item{background:var(--paper);border-radius:8px;padding:12px 14px;font-size:14px;min-width:0}
.item h4{font-size:15px;margin:0;overflow-wrap:anywhere}
.item p{margin:3px 0 0;overflow-wrap:anywhere}.meta{color:var(--soft);font-size:13px}
.tag{display:inline-block;background:var(--paper);border:1px solid var(--line);border-radius:999px;padding:0 10px;font-size:13px;
margin-left:8px;white-space:nowrap;font-weight:400}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:7px 12px 7px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
thead th{border-top:0;color:var(--soft);font-weight:500}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
footer{color:var(--soft);font-size:13px;margin-top:28px}
@media(max-width:560px){.bar{grid-template-columns:1fr auto}.track{grid-column:1/-1;grid-row:2}.two{grid-template-columns:1fr}}
@media print{body{background:#fff}.group,.item,.card{break-inside:avoid}main{padding:0}}
)css";

}  // namespace anechoic::desk
