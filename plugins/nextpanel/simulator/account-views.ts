import type { PanelManner, PanelState, SimulatedAccount } from './panel-state.types.js';

/** An account as the panel answers it. */
export function accountView(account: SimulatedAccount, manner: PanelManner): Record<string, unknown> {
  const { id, username, email, isActive } = account;
  const told = { id, username, email, is_active: isActive };
  if (manner === 'sparse') return told;
  return {
    ...told,
    full_name: account.fullName,
    phone: account.phone,
    company: account.company,
    package_id: account.packageId,
    is_admin: account.isAdmin,
    billing_id: account.billingId,
    metadata: account.metadata,
    created_at: utc(account.createdAt),
  };
}

/** The list of accounts: bare and whole, or a page of it in an object. */
export function listView({ accounts }: PanelState, manner: PanelManner, query: Record<string, string>): unknown {
  const items = accounts.map((account) => accountView(account, manner));
  if (manner === 'sparse') return items;
  const skip = Number(query.skip ?? 0);
  const limit = Math.min(100, Number(query.limit ?? 50));
  return { accounts: items.slice(skip, skip + limit), total: items.length };
}

/** What an account holds: what was created in it, on top of what is made up from its id. */
export function statsView(
  { id, username, email, createdAt, created }: SimulatedAccount,
  now: number,
): Record<string, unknown> {
  return {
    user_id: id,
    username,
    email,
    total_domains: 1 + (id % 3) + (created?.domain ?? 0),
    total_databases: (id % 5) + (created?.database ?? 0),
    total_email_accounts: (id % 7) + (created?.email ?? 0),
    total_ssl_certificates: id % 2,
    storage_used: (id * 37) % 400,
    last_login: id % 2 === 0 ? null : utc(createdAt),
    account_age_days: Math.floor((now - createdAt) / 86_400_000),
  };
}

/** A page for people: the accounts of the simulated panel. */
export function accountsPage({ accounts }: PanelState): string {
  const heads = ['Id', 'User name', 'E-mail', 'Kind', 'State', 'Made for'];
  const rows = accounts.map((account) => [
    String(account.id),
    account.username,
    account.email,
    account.isAdmin ? 'reseller' : 'panel',
    account.isActive ? 'active' : `suspended: ${account.suspendReason ?? ''}`,
    account.billingId ?? '',
  ]);
  const cells = (tag: string, texts: string[]) => texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox NextPanel</title>
<style>body{font:16px system-ui;margin:2rem}table{border-collapse:collapse}td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}</style>
<h1>Accounts on the sandbox's NextPanel</h1>
<table><tr>${cells('th', heads)}</tr>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</table>
${rows.length === 0 ? '<p>No account yet.</p>' : ''}</html>`;
}

/** The panel writes UTC without saying so. */
function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
