import type { SimulatedAccount, WhmState } from './whm-state.types.js';

/** A page for people: the accounts of the simulated server. */
export function accountsPage({ accounts }: WhmState): string {
  const rows = Object.values(accounts).map(row).join('');
  const heads = [
    'User',
    'Domain',
    'Package',
    'E-mail',
    'State',
    'Mailboxes',
    'Databases',
    'Certificates',
    'HTTPS only',
  ];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox WHM</title>
<style>body{font:16px system-ui;margin:2rem}table{border-collapse:collapse}td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}</style>
<h1>Accounts on the sandbox's WHM server</h1>
<table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${rows}</table>
${rows === '' ? '<p>No account yet.</p>' : ''}</html>`;
}

function row(account: SimulatedAccount): string {
  const cells = [
    account.user,
    account.domain,
    account.plan,
    account.email,
    account.suspended ? `suspended: ${account.suspendReason}` : 'active',
    Object.keys(account.mailboxes).join(', '),
    Object.keys(account.databases).join(', '),
    Object.keys(account.certificates).join(', '),
    account.forcedHttps.join(', '),
  ];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
