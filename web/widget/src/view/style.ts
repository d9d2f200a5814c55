// The look of the panel, as one constructed style sheet (a strict page policy allows it). Logical properties throughout, so that
// right-to-left needs no rules of its own. Colours that depend on the accent come from `colour.ts`.

const css = `
.panel { --bg: #fff; --soft: #f3f5f4; --line: #dde2e0; --edge: #7d8884; --text: #1c2422; --faint: #5b6764; --danger: #a3271d; --warm: #fdf3dc; --warm-text: #5f4300; --ink: var(--ink-light); --shade: 0 12px 40px #10201c2e, 0 2px 8px #10201c1a; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { .panel { --bg: #1b1f1e; --soft: #272d2b; --line: #38403d; --edge: #86918d; --text: #eef2f0; --faint: #a9b4b0; --danger: #ff9d92; --warm: #3d3115; --warm-text: #f6dfa6; --ink: var(--ink-dark); --shade: 0 12px 40px #00000080, 0 0 0 1px #38403d; } }
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
.panel { position: fixed; z-index: 2147483000; inset-block-end: 92px; inset-inline-end: 20px; inline-size: 384px; block-size: min(660px, 100dvh - 112px); display: flex; flex-direction: column; overflow: hidden; background: var(--bg); color: var(--text); border: 1px solid transparent; border-radius: 18px; box-shadow: var(--shade); font: 400 max(15px, .9375rem)/1.45 system-ui, sans-serif; animation: rise .22s ease-out; }
:host([position="left"]) .panel { left: 20px; right: auto; }
:host([position="right"]) .panel { right: 20px; left: auto; }
@keyframes rise { from { opacity: 0; translate: 0 12px; } }
@media (max-width: 480px), (max-height: 480px) { .panel.float { inset: 0 !important; inline-size: auto; block-size: 100dvh; border: 0; border-radius: 0; } }
.panel.page { position: static; inline-size: min(100%, 720px); block-size: 100dvh; margin-inline: auto; border-radius: 0; border-block: 0; box-shadow: 0 0 0 1px var(--line); animation: none; }
p, h1, h2, h3, fieldset, legend { margin: 0; padding: 0; border: 0; font: inherit; }
button, input, textarea, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
[tabindex="-1"]:focus { outline: none; }
.icon { inline-size: 22px; block-size: 22px; display: block; fill: none; stroke: currentcolor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.head { display: flex; align-items: center; gap: 8px; padding-block: 12px; padding-inline: 18px 12px; border-block-end: 1px solid var(--line); }
.names { flex: 1; min-inline-size: 0; }
.title { font-weight: 650; font-size: 1.07em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.status { color: var(--faint); font-size: .87em; line-height: 1.3; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.status:empty { display: none; }
.actions { display: flex; }
.icon-button { display: grid; place-items: center; flex: none; inline-size: 38px; block-size: 38px; padding: 0; border: 1px solid transparent; border-radius: 11px; background: none; color: var(--faint); transition: background .15s; }
.icon-button:hover { background: var(--soft); color: var(--text); }
.notice { padding: 8px 18px; background: var(--warm); color: var(--warm-text); font-size: .9em; }
.ask { padding: 12px 18px; background: var(--soft); border-block-end: 1px solid var(--line); display: grid; gap: 10px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.main, .quiet, .danger { min-block-size: 40px; padding: 8px 18px; border-radius: 12px; border: 1px solid transparent; font-weight: 600; }
.main { background: var(--accent); color: var(--on-accent); box-shadow: inset 0 0 0 1px #7f7f7f38; transition: filter .15s; }
.main:hover { filter: brightness(1.07); }
.main[disabled] { opacity: .6; cursor: default; }
.quiet { background: var(--bg); border-color: var(--edge); }
.quiet:hover { background: var(--soft); }
.danger { background: var(--danger); color: var(--bg); }
.plain { background: none; border: 0; padding: 2px 4px; min-block-size: 24px; min-inline-size: 24px; border-radius: 6px; color: var(--ink); text-decoration: underline; text-underline-offset: 2px; }
.body { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; position: relative; display: flex; flex-direction: column; overflow-wrap: anywhere; }
.body:focus-visible, .scroll:focus-visible { outline-offset: -3px; }
.door { padding: 20px 18px 24px; display: grid; gap: 16px; align-content: start; }
.greeting { font-size: 1.2em; line-height: 1.35; font-weight: 550; white-space: pre-line; }
.faint { color: var(--faint); font-size: .9em; white-space: pre-line; }
.pill { justify-self: start; padding: 5px 12px; border-radius: 99px; background: var(--soft); font-size: .9em; }
form { display: grid; gap: 15px; }
.field { display: grid; gap: 5px; }
label, legend { font-weight: 550; font-size: .93em; }
label small { font-weight: 400; color: var(--faint); font-size: 1em; }
input:not([type=checkbox], [type=radio], [type=file]), textarea, select { inline-size: 100%; min-block-size: 42px; padding: 9px 12px; border: 1px solid var(--edge); border-radius: 11px; background: var(--bg); }
::placeholder { color: var(--faint); opacity: 1; }
textarea { resize: vertical; min-block-size: 84px; display: block; }
input:focus-visible, textarea:focus-visible, select:focus-visible { outline-offset: 0; border-color: var(--ink); }
[aria-invalid=true] { border-color: var(--danger) !important; box-shadow: 0 0 0 1px var(--danger); }
.check { display: flex; gap: 10px; align-items: start; font-weight: 400; }
input[type=checkbox] { inline-size: 24px; block-size: 24px; margin: 0; flex: none; accent-color: var(--ink); }
.error { color: var(--danger); font-size: .9em; }
.error:empty { display: none; }
.scroll { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; overflow-anchor: none; padding: 14px 16px; display: flex; flex-direction: column; overflow-wrap: anywhere; }
.place { margin-block: auto; padding: 26px 12px; text-align: center; display: grid; justify-items: center; gap: 10px; }
.ring { position: relative; display: grid; place-items: center; min-inline-size: 92px; block-size: 92px; padding-inline: 14px; border-radius: 99px; background: var(--soft); border: 1px solid var(--line); font-size: 2em; font-weight: 600; font-variant-numeric: tabular-nums; color: var(--ink); }
.ring::before { content: ""; position: absolute; inset: -1px; border-radius: inherit; border: 2px solid var(--ink); opacity: 0; animation: breathe 3.2s ease-out infinite; }
@keyframes breathe { 0% { opacity: .55; scale: 1; } 80%, 100% { opacity: 0; scale: 1.28; } }
.choices { display: flex; flex-wrap: wrap; justify-content: center; gap: 10px; }
.choices:empty { display: none; }
.place :is(h2, h3) { font-size: 1.14em; font-weight: 600; }
.day { align-self: center; margin-block: 14px 8px; color: var(--faint); font-size: .8em; }
.event { align-self: center; text-align: center; margin-block: 8px; padding: 3px 12px; color: var(--faint); font-size: .84em; }
.log { display: flex; flex-direction: column; }
.said { position: relative; max-inline-size: 100%; }
.message { max-inline-size: 84%; align-self: flex-start; display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 3px; }
.message.lead { margin-block-start: 12px; }
.message.mine { align-self: flex-end; align-items: flex-end; }
.who { font-size: .8em; color: var(--faint); margin: 0 12px 2px; }
.bubble { padding: 8px 13px; border-radius: 16px; border: 1px solid transparent; background: var(--soft); white-space: pre-wrap; min-inline-size: 0; max-inline-size: 100%; }
.bubble a { color: inherit; text-underline-offset: 2px; }
.theirs.lead .bubble { border-start-start-radius: 5px; }
.mine .bubble { background: var(--accent); color: var(--on-accent); box-shadow: inset 0 0 0 1px #7f7f7f38; }
.mine.lead .bubble { border-start-end-radius: 5px; }
.mine .bubble a:focus-visible { outline-color: currentcolor; }
.pending .bubble { background: var(--bg); color: var(--text); box-shadow: inset 0 0 0 1px var(--edge); }
.under { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; margin: 1px 8px 0; min-block-size: 0; font-size: .78em; color: var(--faint); }
.mine .under { justify-content: flex-end; }
.under .error { font-size: 1em; }
.edit { position: absolute; inset-inline-end: calc(100% + 3px); inset-block-start: 8px; display: grid; place-items: center; inline-size: 24px; block-size: 24px; padding: 3px; border: 0; border-radius: 7px; background: none; color: var(--faint); opacity: 0; }
.edit .icon { inline-size: 16px; block-size: 16px; }
.message:hover .edit, .edit:focus-visible, .message.last .edit { opacity: 1; }
.attachment { display: flex; align-items: center; gap: 9px; text-align: start; text-decoration: none; cursor: pointer; }
button.bubble { font: inherit; color: inherit; }
.attachment small { display: block; opacity: .85; }
.attachment .icon { flex: none; }
progress { display: block; inline-size: 100%; min-inline-size: 160px; block-size: 6px; margin-block-start: 6px; accent-color: currentcolor; }
.typing { display: flex; align-items: center; gap: 9px; min-block-size: 22px; margin: 10px 4px 0; color: var(--faint); font-size: .87em; }
.dots { display: flex; gap: 4px; }
.dots i { inline-size: 6px; block-size: 6px; border-radius: 50%; background: currentcolor; border: 1px solid transparent; animation: dot 1.3s infinite; }
.dots i:nth-child(2) { animation-delay: .18s; } .dots i:nth-child(3) { animation-delay: .36s; }
@keyframes dot { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }
.jump { position: absolute; inset-block-end: 10px; inset-inline: 0; margin-inline: auto; inline-size: max-content; max-inline-size: 90%; display: flex; align-items: center; gap: 6px; padding: 6px 14px; border-radius: 99px; border: 1px solid var(--line); background: var(--bg); box-shadow: var(--shade); font-size: .88em; font-weight: 550; }
.jump .icon { inline-size: 18px; block-size: 18px; }
.foot { position: relative; max-block-size: 60%; overflow-y: auto; flex: none; }
.composer { border-block-start: 1px solid var(--line); padding: 10px 12px calc(10px + env(safe-area-inset-bottom)); display: grid; gap: 6px; }
.write { display: flex; align-items: end; gap: 4px; border: 1px solid var(--edge); border-radius: 15px; padding: 3px; }
.write:focus-within { border-color: var(--ink); box-shadow: 0 0 0 1px var(--ink); }
.write textarea { flex: 1; min-inline-size: 0; border: 0; outline: 2px solid transparent; background: none; min-block-size: 38px; max-block-size: 132px; padding: 8px 6px; resize: none; field-sizing: content; }
.write > textarea:first-of-type:first-child { padding-inline-start: 12px; }
.send { display: grid; place-items: center; flex: none; inline-size: 38px; block-size: 38px; padding: 0; border: 1px solid transparent; border-radius: 12px; background: var(--accent); color: var(--on-accent); box-shadow: inset 0 0 0 1px #7f7f7f38; }
.send:dir(rtl) .icon { scale: -1 1; }
.editing, .hint { display: flex; justify-content: space-between; align-items: center; gap: 8px; font-size: .86em; color: var(--faint); padding-inline: 6px; }
.drop { position: absolute; inset: 6px; z-index: 2; display: grid; place-items: center; border: 2px dashed var(--ink); border-radius: 14px; background: var(--bg); color: var(--ink); font-weight: 600; pointer-events: none; }
.finish { border-block-start: 1px solid var(--line); padding: 16px 18px calc(16px + env(safe-area-inset-bottom)); display: grid; gap: 14px; }
.finish :is(h2, h3) { font-weight: 600; }
.stars { display: flex; gap: 2px; }
.stars label { position: relative; display: grid; place-items: center; inline-size: 40px; block-size: 40px; border-radius: 10px; cursor: pointer; color: var(--edge); }
.stars input { position: absolute; inset: 0; margin: 0; inline-size: 100%; block-size: 100%; opacity: 0; cursor: pointer; }
.stars label:has(:focus-visible) { outline: 2px solid var(--ink); }
.stars .icon { inline-size: 28px; block-size: 28px; }
.stars label.on { color: var(--ink); } .stars label.on .icon { fill: currentcolor; }
.wait { margin: auto; padding: 40px; color: var(--faint); }
@media (max-height: 300px) { .head { padding-block: 4px; } .place { padding-block: 8px; } .foot { max-block-size: 70%; } }
@media (forced-colors: active) { .panel, .bubble, .main, .send, .danger, .icon-button, .pill, .ring { border-color: CanvasText; } .dots i { background: CanvasText; } .stars label.on { color: Highlight; } .ask, .notice { border-block-end: 1px solid; } }
@media (prefers-reduced-motion: reduce) { *, *::before { animation: none !important; transition: none !important; scroll-behavior: auto !important; } }
`;

let made: CSSStyleSheet | null = null;

/** The style sheet; made once for all panels of a page. */
export function sheet(): CSSStyleSheet {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(css);
  }
  return made;
}
