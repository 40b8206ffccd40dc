import { systemClock, type Clock } from '@keelson/core';
import {
  CertificateAuthority,
  createHttpSimulator,
  type Simulator,
  type SimulatorOptions,
} from '@keelson/testing/simulator';
import type { FastifyRequest } from 'fastify';
import { serveAccounts } from './account-api.js';
import { AcmeServer, type AcmeWorld } from './acme-server.js';
import { AcmeStore, type AcmeState } from './acme-store.js';
import { issue, serveCertificates } from './certificate-api.js';
import type { ChallengeLookup } from './challenge-looks.js';
import { lookupAt } from './name-server-lookup.js';
import { serveOrders } from './order-api.js';

export interface LetsEncryptSimulatorOptions extends SimulatorOptions {
  clock?: Clock;
  /** How the authority looks for challenges. Default: at the name server; without one it takes every challenge for right. */
  lookup?: ChallengeLookup;
  /** Chance that a good nonce is refused. Default 0.05, as Pebble does. */
  nonceRejects?: number;
  seed?: number;
}

export interface LetsEncryptSimulator extends Simulator {
  /** What clients of the certificates must trust, PEM. */
  readonly rootPem: string;
  /** What the authority holds, for tests to look at. */
  readonly state: Readonly<AcmeState>;
  /** Resolves when the authority has done all that it does in the background. */
  settled(): Promise<void>;
}

/**
 * An ACME authority on loopback that behaves as Let's Encrypt's Boulder does: its limits, its reuse of open orders and valid
 * authorizations, its profiles and renewal information. It issues real certificates below a root of its own, which `/root.pem`
 * serves. Plain HTTP.
 */
export async function startSimulator(options: LetsEncryptSimulatorOptions = {}): Promise<LetsEncryptSimulator> {
  const { port, home, latencyMs, badDay, nonceRejects = 0.05, seed = 1, clock = systemClock } = options;
  const lookup = options.lookup ?? (options.nameServer && lookupAt(options.nameServer));
  const store = new AcmeStore(home);
  const authority = await CertificateAuthority.create(store.state.keys);
  store.state.keys = authority.keys;
  store.save();
  const works = new Set<Promise<void>>();
  const world: AcmeWorld = {
    store,
    authority,
    now: () => clock.now(),
    ...(lookup === undefined ? {} : { lookup }),
    later(work) {
      const running = new Promise<void>((done) => setImmediate(done)).then(work).finally(() => works.delete(running));
      works.add(running);
    },
  };
  const exempt = (path: string) => path === '/root.pem';
  const http = createHttpSimulator({ port, latencyMs, badDay, operationOf, exempt });
  const server = new AcmeServer(http.app, store, { nonceRejects, seed });
  serveAccounts(server, world);
  serveOrders(server, world);
  serveCertificates(server, world);
  http.app.get('/root.pem', (_request, reply) => reply.type('application/x-pem-file').send(authority.rootPem));
  for (const order of Object.values(store.state.orders)) world.later(() => issue(world, order));
  const url = await http.listen();
  const settled = async () => {
    while (works.size > 0) await Promise.all(works);
  };
  return {
    plugin: 'letsencrypt',
    endpoints: [
      { name: 'directory', url: `${url}/directory` },
      { name: 'root certificate', url: `${url}/root.pem` },
    ],
    settings: { directoryUrl: `${url}/directory`, email: 'hostmaster@example.com', termsAgreed: true },
    ledger: http.ledger,
    faults: http.faults,
    rootPem: authority.rootPem,
    state: store.state,
    settled,
    async stop() {
      await http.stop();
      await settled();
    },
  };
}

/** `POST /acme/order`: the ids are left out. */
function operationOf({ method, url }: FastifyRequest): string {
  return `${method} ${url.split('?', 1)[0]?.split('/').slice(0, 3).join('/')}`;
}
