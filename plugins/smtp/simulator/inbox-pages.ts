import type { ReceivedMessage } from './inbox.js';

const style = `
:root { color-scheme: light dark; --line: light-dark(#d9dee5, #343b46); --muted: light-dark(#5b6675, #9aa6b5); --accent: light-dark(#0b5cad, #7db8f5); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#f7f8fa, #14181e); color: light-dark(#1b222c, #e6eaf0); }
h1 { font-size: 1.35rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
.muted { color: var(--muted); }
.card { background: light-dark(#fff, #1b2028); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
.mails { list-style: none; margin: 0; padding: 0; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: grid; grid-template-columns: minmax(0, 16rem) minmax(0, 1fr) auto; gap: 1rem; padding: .8rem 1rem; text-decoration: none; color: inherit; }
.mails a:hover, .mails a:focus-visible { background: light-dark(#eef4fb, #232b36); }
.mails span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mails strong { font-weight: 600; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
dt { color: var(--muted); } dd { margin: 0; }
iframe { width: 100%; height: 34rem; border: 0; background: #fff; display: block; }
pre { margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .8rem 0; }
@media (max-width: 40rem) { .mails a { grid-template-columns: minmax(0, 1fr); gap: 0; } }
`;

/** Text as HTML that shows exactly this text, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The list of messages, newest first; it reloads itself every five seconds. */
export function listPage(messages: readonly ReceivedMessage[]): string {
  const rows = [...messages]
    .reverse()
    .map(
      ({ id, to, subject, at }) =>
        `<li><a href="/mail/${escapeHtml(id)}"><span>${escapeHtml(to.join(', '))}</span>` +
        `<span><strong>${escapeHtml(subject || '(no subject)')}</strong></span>` +
        `<time class="muted" datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 19).replace('T', ' '))}</time></a></li>`,
    );
  const list = rows.length === 0 ? '<p class="muted">No mail yet.</p>' : `<ul class="mails card">${rows.join('')}</ul>`;
  return page('Inbox', `<h1>Inbox</h1>${list}`, '<meta http-equiv="refresh" content="5">');
}

/** One message. Its HTML part stands in a frame that can run nothing and load nothing. */
export function messagePage(message: ReceivedMessage): string {
  const { id, subject, from, to, at, messageId, text, html, headers } = message;
  const facts = Object.entries({
    From: headers.from ?? from,
    To: to.join(', '),
    Date: at,
    'Message-ID': messageId,
  }).map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  const plain = `<div class="card"><pre>${escapeHtml(text)}</pre></div>`;
  const frame = `<div class="card"><iframe sandbox src="/mail/${escapeHtml(id)}/html" title="The message"></iframe></div>`;
  const all = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return page(
    subject || '(no subject)',
    `<p><a href="/">← Inbox</a></p><h1>${escapeHtml(subject || '(no subject)')}</h1><dl>${facts.join('')}</dl>` +
      (html === undefined ? plain : `${frame}<details><summary>Plain text</summary>${plain}</details>`) +
      `<details><summary>Headers</summary><div class="card"><pre>${escapeHtml(all.join('\n'))}</pre></div></details>`,
  );
}

function page(title: string, body: string, head = ''): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `${head}<title>${escapeHtml(title)}</title><style>${style}</style></head><body>${body}</body></html>`
  );
}
