/** Markup, with everything that came from outside escaped. */
export type Html = string;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as markup; also safe inside a quoted attribute. */
export function text(value: string): Html {
  return value.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** An amount in major units, such as `$9.99`; `¥500` for currencies without minor units. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

const style = `
:root { color-scheme: light; --ink: #1a2233; --quiet: #5b6478; --line: #d9dee8; --accent: #2f4bd8; --bad: #b3261e }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #f5f7fb }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.25rem }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 3rem }
@media (max-width: 46rem) { .columns { grid-template-columns: 1fr; gap: 1.5rem } }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1.5rem } h2 { font-size: 1.25rem; margin: 0 0 1rem }
.merchant { color: var(--quiet); margin: 0 0 .25rem }
table { width: 100%; border-collapse: collapse } th { text-align: left; font-weight: 500 }
td { text-align: right; vertical-align: top; white-space: nowrap } th, td { padding: .6rem 0 }
small { display: block; color: var(--quiet); font-weight: 400 } .total > * { border-top: 1px solid var(--line); font-weight: 700 }
form { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem }
label { display: block; margin: .75rem 0 .25rem; font-size: .9rem; font-weight: 600 }
input { width: 100%; padding: .65rem .75rem; font: inherit; border: 1px solid #8b93a5; border-radius: 6px }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
input[aria-invalid] { border-color: var(--bad) } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
button, .button { display: inline-block; width: 100%; margin-top: 1.25rem; padding: .8rem; font: inherit; font-weight: 700; color: #fff;
  background: var(--accent); border: 0; border-radius: 6px; text-align: center; text-decoration: none; cursor: pointer }
.refusal { color: var(--bad); background: #fdecea; border: 1px solid var(--bad); border-radius: 6px; padding: .75rem }
.hint, .email span { color: var(--quiet); font-size: .9rem } .email { margin: 0 }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
`;

/** A whole page. @param body markup */
export function page(merchant: string, title: string, body: Html): Html {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${text(title)} – ${text(merchant)}</title><style>${style}</style></head>
<body><main>${body}</main></body></html>`;
}
