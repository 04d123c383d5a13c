/** The status page's look: paper and ink, light and dark, one column on a phone. */
export const statusStyle = `
:root{color-scheme:light dark;--paper:#f7f4ee;--card:#fffdf9;--ink:#23211d;--quiet:#6d675c;--line:#e2dccf;--well:#2f7a55;--waiting:#9a6a00;--broken:#b3352b;--accent:#204a6b}
@media(prefers-color-scheme:dark){:root{--paper:#191815;--card:#22211d;--ink:#ece7dc;--quiet:#a39b8b;--line:#3a372f;--well:#6cc397;--waiting:#e0ae4a;--broken:#ef8379;--accent:#8fbfe6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,"Hiragino Sans","Noto Sans CJK JP","Noto Sans JP",sans-serif}
main{max-width:64rem;margin:0 auto;padding:2rem 1.25rem 4rem}
header{display:flex;align-items:baseline;gap:1rem;justify-content:space-between}
h1{text-wrap:balance;word-break:auto-phrase;font-size:1.75rem;line-height:1.3;margin:0;font-weight:600;letter-spacing:-.01em}
h2{font-size:1rem;margin:2.5rem 0 .75rem;color:var(--quiet);font-weight:600}
a{color:var(--accent)}
.quiet{color:var(--quiet);font-size:.875rem}
.legs{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;margin:1.75rem 0 0;padding:0;list-style:none}
.leg{background:var(--card);border:1px solid var(--line);border-radius:.625rem;padding:.9rem 1rem;min-height:6.5rem}
.leg strong{display:flex;justify-content:space-between;gap:.5rem;font-weight:600}
.state{font-size:.75rem;font-weight:600}
.state::before{content:"";display:inline-block;width:.55rem;height:.55rem;border-radius:50%;background:currentColor;margin-right:.35rem}
.well{color:var(--well)}.waiting{color:var(--waiting)}.broken{color:var(--broken)}
.leg p{margin:.4rem 0 0;font-size:.875rem;color:var(--quiet);overflow-wrap:anywhere}
dl{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:1.25rem 0 0;font-size:.875rem}
dl div{display:flex;gap:.5rem}dt{color:var(--quiet)}dd{margin:0;font-variant-numeric:tabular-nums}
.panel{background:var(--card);border:1px solid var(--line);border-radius:.625rem;margin:0;padding:0;list-style:none;font-size:.875rem}
.panel>li{display:grid;grid-template-columns:11rem 10.5rem minmax(0,1fr);gap:0 1rem;padding:.5rem .9rem;border-top:1px solid var(--line)}
.panel>li:first-child{border-top:0}
.panel .time{color:var(--quiet);font-variant-numeric:tabular-nums}
.panel .what{font-weight:600}
.panel .way{overflow-wrap:anywhere}
.services>li{grid-template-columns:8rem minmax(0,1fr)}
.reply{display:block;color:var(--quiet);font-family:ui-monospace,"SFMono-Regular",Menlo,monospace;font-size:.8125rem;overflow-wrap:anywhere}
.empty{padding:1.25rem;color:var(--quiet)}
@media(max-width:44rem){main{padding-top:1.25rem}h1{font-size:1.375rem}.leg{min-height:0}
.panel>li{grid-template-columns:1fr auto}.panel .way{grid-column:1/-1;grid-row:2}.panel .what{grid-row:1;grid-column:1}.panel .time{grid-row:1;grid-column:2}
.services>li{grid-template-columns:8rem minmax(0,1fr)}.services .way{grid-row:1;grid-column:2}}
`
