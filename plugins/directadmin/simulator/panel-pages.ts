import type { PanelState } from './panel-state.types.js';

/** What somebody sees who is not logged in, be it a person or a program. */
export const loginPage =
  '<!doctype html><html><head><title>DirectAdmin Login</title></head><body>' +
  '<form action="/CMD_LOGIN" method="POST"><input name="username"><input name="password" type="password"></form></body></html>';

/** A page for people: the accounts of the simulated panel. */
export function accountsPage({ users }: PanelState): string {
  const heads = ['User', 'Domain', 'E-mail', 'Package', 'State', 'Databases', 'HTTPS'];
  const rows = users.map((user) => [
    user.username,
    user.domain,
    user.email,
    user.package,
    user.suspended ? 'suspended' : 'active',
    Object.keys(user.databases).join(', '),
    user.forced.length > 0 ? 'forced' : Object.keys(user.certificates).length > 0 ? 'yes' : 'no',
  ]);
  const cells = (tag: string, texts: string[]) => texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('');
  return page(
    "Accounts on the sandbox's DirectAdmin",
    `<table><tr>${cells('th', heads)}</tr>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</table>
${rows.length === 0 ? '<p>No account yet.</p>' : ''}`,
  );
}

/** Where a link to sign in leads. */
export function signedInPage(username: string | undefined): string {
  return username === undefined
    ? page('This link was used, or never was one', '')
    : page(`Signed in as ${escapeHtml(username)}`, '<p>Here the panel would be.</p>');
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox DirectAdmin</title>
<style>body{font:16px system-ui;margin:2rem}table{border-collapse:collapse}td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}</style>
<h1>${title}</h1>
${body}</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
