/** What the page shows of a mailbox or an alias. */
export interface PageRow {
  domain: string;
  /** Null for a domain that holds nothing. */
  address: string | null;
  detail: string | null;
}

/** A page for people: domains with their mailboxes and aliases. */
export function mailboxesPage(rows: readonly PageRow[]): string {
  const lines = rows.map(({ domain, address, detail }) => {
    const cells = [domain, address, detail].map((text) => `<td>${escapeHtml(text ?? '')}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox mail host</title>
<style>body{font:16px system-ui;margin:2rem}table{border-collapse:collapse}td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}</style>
<h1>Mailboxes on the sandbox's mail host</h1>
<table><tr><th>Domain</th><th>Address</th><th>What it is</th></tr>${lines.join('')}</table>
${lines.length === 0 ? '<p>No domain yet.</p>' : ''}</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
