import { createHash } from 'node:crypto';
import { AcmeRefusal, problemOf } from './acme-problem.js';
import type { AcmeStore, Authorization, Challenge } from './acme-store.js';

const hour = 3_600_000;
/** How long a name that was proven needs no other proof, by profile. */
const reuse: Readonly<Record<string, number>> = { classic: 720 * hour, tlsserver: 7 * hour, shortlived: 7 * hour };

/** How the authority sees the internet. */
export interface ChallengeLookup {
  /** Values of the TXT set; empty when there is none. Rejects when no server answers. */
  txt(name: string): Promise<string[]>;
  /** The body that `http://<domain>:80<path>` answers 200 with, undefined for any other status. Rejects when nobody answers. */
  http(domain: string, path: string): Promise<string | undefined>;
}

/**
 * Looks for a challenge and writes down what was found, to the authorization and to every order that waits for it.
 * @param lookup absent: every challenge is taken for right
 */
export async function lookForChallenge(
  store: AcmeStore,
  authorization: Authorization,
  challenge: Challenge,
  lookup: ChallengeLookup | undefined,
  now: Date,
): Promise<void> {
  const account = store.state.accounts[authorization.accountId];
  const keyAuthorization = `${challenge.token}.${account?.thumbprint ?? ''}`;
  const refusal =
    lookup === undefined ? undefined : await find(lookup, authorization.domain, challenge, keyAuthorization);
  if (authorization.status !== 'pending') return;
  if (refusal === undefined) {
    Object.assign(challenge, { status: 'valid', validated: now.toISOString() });
    authorization.status = 'valid';
    authorization.expires = now.getTime() + (reuse[authorization.profile ?? 'classic'] ?? 0);
  } else {
    Object.assign(challenge, { status: 'invalid', error: problemOf(refusal) });
    authorization.status = 'invalid';
    store.state.failures.push({
      accountId: authorization.accountId,
      domain: authorization.domain,
      at: now.getTime(),
    });
  }
  for (const order of store.ordersOf(authorization.accountId)) {
    if (order.status !== 'pending' || !order.authorizations.includes(authorization.id)) continue;
    const states = order.authorizations.map((id) => store.state.authorizations[id]?.status);
    if (states.includes('invalid')) order.status = 'invalid';
    else if (states.every((status) => status === 'valid')) order.status = 'ready';
  }
  store.save();
}

async function find(
  lookup: ChallengeLookup,
  domain: string,
  challenge: Challenge,
  keyAuthorization: string,
): Promise<AcmeRefusal | undefined> {
  if (challenge.type === 'dns-01') {
    const name = `_acme-challenge.${domain}`;
    const wanted = createHash('sha256').update(keyAuthorization).digest('base64url');
    const values = await lookup.txt(name).catch(() => undefined);
    if (values === undefined) return new AcmeRefusal(400, 'dns', `DNS problem: SERVFAIL looking up TXT for ${name}`);
    if (values.includes(wanted)) return undefined;
    if (values.length === 0) {
      return new AcmeRefusal(403, 'unauthorized', `No TXT record found at ${name}`);
    }
    return new AcmeRefusal(403, 'unauthorized', `Incorrect TXT record "${values[0]}" found at ${name}`);
  }
  const body = await lookup.http(domain, `/.well-known/acme-challenge/${challenge.token}`).catch(() => null);
  if (body === null) return new AcmeRefusal(400, 'connection', `Fetching http://${domain}/: Connection refused`);
  if (body?.trimEnd() === keyAuthorization) return undefined;
  return new AcmeRefusal(403, 'unauthorized', `Invalid response from http://${domain}/.well-known/acme-challenge/`);
}
