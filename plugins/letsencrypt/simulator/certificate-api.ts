import { createHash, X509Certificate } from 'node:crypto';
import { AcmeRefusal } from './acme-problem.js';
import type { AcmeServer, AcmeWorld } from './acme-server.js';
import { setOf, type Certificate, type Order } from './acme-store.js';
import { askAgainSeconds, orderIn, orderPage } from './order-api.js';

const hour = 3_600_000;
const day = 24 * hour;
const lifetimes: Readonly<Record<string, number>> = { classic: 90 * day, tlsserver: 45 * day, shortlived: 160 * hour };

/** Finalizing, certificates, revocation and renewal (RFC 8555 §7.4, §7.6, RFC 9773). */
export function serveCertificates(server: AcmeServer, world: AcmeWorld): void {
  const { store, authority, now, later } = world;

  server.post('/acme/finalize/:account/:id', 'required', async (signed) => {
    const { request, reply, payload, base } = signed;
    const order = orderIn(world, signed);
    if (order.status !== 'ready') {
      throw new AcmeRefusal(
        403,
        'orderNotReady',
        `Order's status ("${order.status}") is not acceptable for finalization`,
      );
    }
    const csr = textIn(payload, 'csr');
    const asked = await authority.read(Buffer.from(csr, 'base64url')).catch(() => undefined);
    if (asked === undefined) throw new AcmeRefusal(400, 'malformed', 'Error parsing certificate request');
    if (setOf(asked.domains) !== setOf(order.names)) {
      throw new AcmeRefusal(403, 'unauthorized', 'CSR does not specify same identifiers as Order');
    }
    const used = Object.values(store.state.accounts).some(({ jwk }) => isKey(jwk, asked.publicKey));
    if (used) throw new AcmeRefusal(400, 'badCSR', 'certificate public key must be different than account key');
    order.status = 'processing';
    order.csr = csr;
    request.changed = true;
    store.save();
    later(() => issue(world, order));
    reply.header('retry-after', String(askAgainSeconds));
    return orderPage(base, order);
  });

  server.post('/acme/cert/:serial', 'required', async ({ request, reply, account }) => {
    const { serial } = request.params as { serial: string };
    const certificate = store.state.certificates[serial];
    if (certificate === undefined || certificate.accountId !== account?.id) {
      throw new AcmeRefusal(404, 'malformed', 'Certificate not found');
    }
    reply.type('application/pem-certificate-chain');
    return certificate.pem + authority.intermediatePem;
  });

  server.post('/acme/revoke-cert', 'required', async ({ request, payload, account }) => {
    const certificate = certificateIn(world, textIn(payload, 'certificate'));
    if (certificate.accountId !== account?.id) {
      throw new AcmeRefusal(403, 'unauthorized', 'The key ID specified did not issue the certificate');
    }
    if (certificate.revokedAt !== undefined) {
      throw new AcmeRefusal(400, 'alreadyRevoked', 'Certificate already revoked');
    }
    const reason = payload?.['reason'];
    if (reason !== undefined && ![0, 1, 4, 5].includes(reason as number)) {
      throw new AcmeRefusal(400, 'badRevocationReason', `disallowed revocation reason: ${JSON.stringify(reason)}`);
    }
    certificate.revokedAt = now().getTime();
    if (reason !== undefined) certificate.revocationReason = reason as number;
    request.changed = true;
    request.subject = certificate.names.join(' ');
    store.save();
    return '';
  });

  server.app.get('/acme/renewal-info/:id', (request, reply) => {
    const { id } = request.params as { id: string };
    const certificate = Object.values(store.state.certificates).find(({ renewalId }) => renewalId === id);
    if (certificate === undefined) return new AcmeRefusal(404, 'malformed', 'Certificate not found').send(reply);
    const { start, end } = suggestedWindow(certificate);
    return reply
      .header('retry-after', '21600')
      .type('application/json')
      .send({ suggestedWindow: { start: new Date(start).toISOString(), end: new Date(end).toISOString() } });
  });
}

function textIn(payload: Record<string, unknown> | undefined, name: string): string {
  const value = payload?.[name];
  return typeof value === 'string' ? value : '';
}

/** Issues what is still in the works, as after a restart. */
export async function issue({ store, authority, now }: AcmeWorld, order: Order): Promise<void> {
  if (order.status !== 'processing') return;
  const { publicKey } = await authority.read(Buffer.from(order.csr ?? '', 'base64url'));
  const profile = order.profile ?? 'classic';
  // Boulder dates certificates an hour back.
  const notBefore = new Date(Math.floor((now().getTime() - hour) / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + (lifetimes[profile] ?? 0) - 1000);
  const [first = ''] = order.names;
  const withName = profile === 'classic' && first.length <= 64;
  const pem = await authority.issue({
    publicKey,
    domains: order.names,
    notBefore,
    notAfter,
    ...(withName ? { commonName: first } : {}),
  });
  const serial = new X509Certificate(pem).serialNumber.toLowerCase();
  store.state.certificates[serial] = {
    serial,
    accountId: order.accountId,
    names: order.names,
    pem,
    issuedAt: now().getTime(),
    notAfter: notAfter.getTime(),
    renewalId: renewalIdOf(authority.intermediatePem, serial),
    renewed: false,
    renewal: order.replaces !== undefined,
  };
  const replaced = Object.values(store.state.certificates).find(({ renewalId }) => renewalId === order.replaces);
  if (replaced !== undefined) replaced.renewed = true;
  Object.assign(order, { status: 'valid', certificate: serial });
  delete order.csr;
  store.save();
}

/** At two thirds of the life (half of a short one); at once when it was revoked. */
function suggestedWindow({ issuedAt, notAfter, revokedAt }: Certificate): { start: number; end: number } {
  if (revokedAt !== undefined) return { start: revokedAt - hour, end: revokedAt - hour / 2 };
  const life = notAfter - issuedAt;
  const middle = issuedAt + (life < 10 * day ? life / 2 : (life * 2) / 3);
  return { start: middle - life / 50, end: middle };
}

/** RFC 9773 §4.1; the key's identifier is the SHA-1 of its bits (RFC 5280 §4.2.1.2), which end the DER of a P-256 key. */
function renewalIdOf(intermediatePem: string, serial: string): string {
  const spki = new X509Certificate(intermediatePem).publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki.subarray(-65)).digest('base64url');
  const padded =
    /^[89a-f]/.test(serial) && serial.length % 2 === 0
      ? `00${serial}`
      : serial.padStart(serial.length + (serial.length % 2), '0');
  return `${keyId}.${Buffer.from(padded, 'hex').toString('base64url')}`;
}

function certificateIn({ store }: AcmeWorld, der: string): Certificate {
  let serial: string;
  try {
    serial = new X509Certificate(Buffer.from(der, 'base64url')).serialNumber.toLowerCase();
  } catch {
    throw new AcmeRefusal(400, 'malformed', 'Unable to parse certificate DER');
  }
  const certificate = store.state.certificates[serial];
  if (certificate !== undefined) return certificate;
  throw new AcmeRefusal(404, 'malformed', 'Certificate not found');
}

function isKey({ x = '', y = '' }: { x?: string; y?: string }, spki: Uint8Array): boolean {
  const point = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return point.length === 64 && Buffer.from(spki).subarray(-64).equals(point);
}
