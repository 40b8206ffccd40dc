import type { AccountStore } from './account-store.js';
import { money } from './operations.js';

/** A page for people: the simulated account, with a button that lets a day pass. */
export function accountPage(store: AccountStore): string {
  const { balance, domains, transfers } = store.state;
  const held = Object.entries(domains).map(([name, domain]) => [
    name,
    store.statusOf(domain),
    domain.expires,
    domain.nameservers.join(' ').toLowerCase(),
  ]);
  const moving = Object.keys(transfers)
    .filter((name) => domains[name] === undefined)
    .map((name) => [name, store.transferStatus(name)]);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox NameSilo</title>
<style>body{font:16px system-ui;margin:2rem}table{border-collapse:collapse}td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}</style>
<h1>The sandbox's NameSilo account</h1>
<p>Balance ${money(balance)} USD. It is ${new Date(store.now()).toISOString().slice(0, 16).replace('T', ' ')} UTC here.</p>
<form method="post" action="/advance"><button name="days" value="1">Let a day pass</button></form>
<h2>Domains</h2>${table(['Domain', 'Status', 'Expires', 'Name servers'], held)}
<h2>Transfers</h2>${table(['Domain', 'Status'], moving)}
<p>Names that start with <code>taken</code> are registered elsewhere (auth code <code>auth-&lt;domain&gt;</code>), those that start with
<code>premium</code> cost a hundred times as much.</p></html>`;
}

function table(heads: string[], rows: string[][]): string {
  if (rows.length === 0) return '<p>None yet.</p>';
  const cells = (tag: string, values: string[]) =>
    values.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join('');
  return `<table><tr>${cells('th', heads)}</tr>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</table>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
