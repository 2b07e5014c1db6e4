import { Html } from './html.ts';

/** For screen and paper alike. No font is fetched: nothing may be asked of the reader's network. */
export const styles = new Html(`
@page { size: A4; margin: 20mm; }
body { font: 10pt/1.45 system-ui, sans-serif; max-width: 180mm; margin: 2em auto; padding: 0 1em; color: #111; }
h1 { font-size: 18pt; }
h2 { font-size: 11pt; margin: 1.5em 0 .3em; }
.parties { display: flex; flex-wrap: wrap; gap: 1.5em 4em; }
address { font-style: normal; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1.5em; }
dt { color: #555; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
th { text-align: left; font-weight: 600; }
td, th { padding: .3em .5em; vertical-align: top; border-bottom: 1px solid #ddd; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.totals { width: auto; margin-left: auto; }
.due th, .due td { font-weight: 700; border-top: 2px solid #111; }
.test { border: 2px solid #b00; color: #b00; padding: .5em; text-align: center; }
p { white-space: pre-line; }
tr { break-inside: avoid; }
`);
