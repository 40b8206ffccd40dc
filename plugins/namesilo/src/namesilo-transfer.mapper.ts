import type { TransferState } from '@keelson/core';
import { textOf, type NameSiloReply } from './namesilo-reply.js';

type Waiting = (TransferState & { state: 'pending' })['waitingFor'];
type Remedy = (TransferState & { state: 'failed' })['remedy'];

/** How a transfer stands, as `checkTransferStatus` tells. */
export type TransferStatus =
  | { state: 'pending'; waitingFor: Waiting }
  /** The domain may take a while to show up in the account. */
  | { state: 'arrived' }
  | { state: 'failed'; reason: string; remedy?: Remedy };

/** A transfer that came to its end so long ago, and left no domain in the account, is history. */
const settledMs = 3 * 24 * 3_600_000;

const failures: Readonly<Record<string, { reason: string; remedy?: Remedy }>> = {
  'Missing Authorization Code': { reason: 'The auth code is missing.', remedy: 'auth-code' },
  'Incorrect Authorization Code': { reason: 'The auth code is wrong.', remedy: 'auth-code' },
  'Domain is Locked': { reason: 'The domain is locked at its registrar.', remedy: 'unlock' },
  'Registry Transfer Request Failed': { reason: 'The registry did not take the request.', remedy: 'wait' },
  'On Hold - Created in last 60 days': {
    reason: 'The domain was registered less than 60 days ago.',
    remedy: 'wait',
  },
  'On Hold - Transferred in last 60 days': {
    reason: 'The domain was transferred less than 60 days ago.',
    remedy: 'wait',
  },
  'Transfer Rejected': { reason: 'The transfer was rejected.' },
  'Registrar Rejected': { reason: "The domain's registrar rejected the transfer." },
  'Registry Rejected': { reason: 'The registry rejected the transfer.' },
  'Domain Transferred Elsewhere': { reason: 'The domain was transferred to another registrar.' },
  'User Cancelled': { reason: 'The transfer was cancelled.' },
  'Domain has a pendingDelete status': { reason: 'The domain is about to be deleted.' },
  'Domain has a pendingTransfer status': { reason: 'Another transfer of the domain is under way.' },
};

/** `checkTransferStatus`. Texts that are not documented count as waiting: only what is known to be the end is one. */
export function transferFrom({ body }: NameSiloReply, now: Date): TransferStatus {
  const status = textOf(body, 'status') ?? '';
  const failure = failures[status];
  if (failure !== undefined) return { state: 'failed', ...failure };
  if (status !== 'Transfer Completed') return { state: 'pending', waitingFor: waitingFor(status) };
  const at = Date.parse(`${textOf(body, 'date')?.replace(' ', 'T') ?? ''}Z`);
  return now.getTime() - at > settledMs
    ? { state: 'failed', reason: 'The domain arrived once, and is not in the account any more.' }
    : { state: 'arrived' };
}

function waitingFor(status: string): Waiting {
  if (/registry/i.test(status)) return 'registry';
  return /e-?mail|admin|approv|owner|registrant/i.test(status) ? 'registrant' : 'registrar';
}
