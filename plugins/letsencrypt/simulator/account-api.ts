import { AcmeRefusal } from './acme-problem.js';
import type { AcmeServer, AcmeWorld } from './acme-server.js';
import type { Account } from './acme-store.js';

const terms = 'https://example.com/acme/terms';
const profiles = {
  classic: 'The profile you are accustomed to',
  tlsserver: 'For servers, 45 days',
  shortlived: 'For 160 hours',
};

/** Directory, nonces and accounts (RFC 8555 §7.1 to §7.3). */
export function serveAccounts(server: AcmeServer, { store }: AcmeWorld): void {
  server.app.get('/directory', (request, reply) => {
    const base = `http://${request.headers.host}`;
    void reply.type('application/json').send({
      newNonce: `${base}/acme/new-nonce`,
      newAccount: `${base}/acme/new-acct`,
      newOrder: `${base}/acme/new-order`,
      revokeCert: `${base}/acme/revoke-cert`,
      keyChange: `${base}/acme/key-change`,
      renewalInfo: `${base}/acme/renewal-info`,
      meta: { termsOfService: terms, website: 'https://example.com', caaIdentities: ['example.com'], profiles },
    });
  });
  server.app.get('/acme/new-nonce', (request, reply) => {
    void reply.code(request.method === 'HEAD' ? 200 : 204).send('');
  });

  server.post('/acme/new-acct', 'new', async ({ request, reply, payload, jwk, thumbprint, base }) => {
    const known = Object.values(store.state.accounts).find((one) => one.thumbprint === thumbprint);
    if (known === undefined) {
      if (payload?.['onlyReturnExisting'] === true) {
        throw new AcmeRefusal(400, 'accountDoesNotExist', 'No account exists with the provided key');
      }
      if (payload?.['termsOfServiceAgreed'] !== true) {
        throw new AcmeRefusal(400, 'malformed', 'must agree to terms of service');
      }
    }
    if (known?.status === 'deactivated') {
      throw new AcmeRefusal(403, 'unauthorized', 'An account with the provided public key exists but is deactivated');
    }
    const contact = Array.isArray(payload?.['contact']) ? payload['contact'].map(String) : [];
    const account: Account = known ?? { id: store.newId(), jwk, thumbprint, contact, status: 'valid' };
    if (known === undefined) {
      store.state.accounts[account.id] = account;
      request.changed = true;
      store.save();
    }
    reply.code(known === undefined ? 201 : 200).header('location', `${base}/acme/acct/${account.id}`);
    return pageOf(account);
  });

  server.post('/acme/acct/:id', 'required', async ({ request, payload, account }) => {
    const { id } = request.params as { id: string };
    if (account?.id !== id) throw new AcmeRefusal(403, 'unauthorized', 'Request signing key did not match account key');
    if (payload?.['status'] === 'deactivated') {
      account.status = 'deactivated';
      request.changed = true;
      store.save();
    }
    return pageOf(account);
  });
}

function pageOf({ jwk, contact, status }: Account): object {
  return { key: jwk, contact, status };
}
