import { randomBytes } from 'node:crypto';
import { FaultSwitches, type CertificateAuthority } from '@keelson/testing/simulator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { calculateJwkThumbprint, flattenedVerify, importJWK, type FlattenedJWSInput, type JWK } from 'jose';
import { AcmeRefusal } from './acme-problem.js';
import type { Account, AcmeStore } from './acme-store.js';
import type { ChallengeLookup } from './challenge-looks.js';

/** What all handlers share. */
export interface AcmeWorld {
  store: AcmeStore;
  authority: CertificateAuthority;
  now(): Date;
  lookup?: ChallengeLookup;
  /** Runs after the answer is on its way; `stop` waits for it. */
  later(work: () => Promise<void>): void;
}

/** A request whose signature is right. */
export interface SignedRequest {
  request: FastifyRequest;
  reply: FastifyReply;
  /** Undefined for POST-as-GET. */
  payload: Record<string, unknown> | undefined;
  jwk: JWK;
  thumbprint: string;
  /** Undefined for requests that carry their own key. */
  account: Account | undefined;
  base: string;
}

type Handler = (signed: SignedRequest) => Promise<unknown>;

/** The parts of ACME that are the same for every resource: nonces, signatures, problems. */
export class AcmeServer {
  private readonly nonces = new Set<string>();
  private readonly lottery: FaultSwitches;

  /** @param nonceRejects chance that a good nonce is refused, drawn with the seed */
  constructor(
    readonly app: FastifyInstance,
    private readonly store: AcmeStore,
    { nonceRejects, seed }: { nonceRejects: number; seed: number },
  ) {
    this.lottery = new FaultSwitches({ seed });
    if (nonceRejects > 0) this.lottery.set({ kind: 'unavailable', chance: nonceRejects });
    app.addContentTypeParser('application/jose+json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    app.addHook('onSend', async (request, reply, payload) => {
      if (request.method === 'POST' || request.url.startsWith('/acme/new-nonce')) {
        reply.header('replay-nonce', this.newNonce()).header('cache-control', 'no-store');
      }
      return payload;
    });
  }

  /** @param account `required`: signed by a known account; `new`: signed by the key that the request carries */
  post(path: string, account: 'required' | 'new', handler: Handler): void {
    this.app.post(path, async (request, reply) => {
      try {
        const answer = await handler(await this.verified(request, reply, account));
        return typeof answer === 'string' ? answer : JSON.stringify(answer ?? '');
      } catch (thrown) {
        if (!(thrown instanceof AcmeRefusal)) throw thrown;
        await thrown.send(reply);
        return reply;
      }
    });
  }

  private newNonce(): string {
    const nonce = randomBytes(16).toString('base64url');
    this.nonces.add(nonce);
    return nonce;
  }

  private async verified(
    request: FastifyRequest,
    reply: FastifyReply,
    account: 'required' | 'new',
  ): Promise<SignedRequest> {
    if (!/^application\/jose\+json/.test(request.headers['content-type'] ?? '')) {
      throw new AcmeRefusal(415, 'malformed', 'Content-Type must be application/jose+json');
    }
    const base = `http://${request.headers.host}`;
    const jws = read<FlattenedJWSInput>(request.body as string);
    const header = read<Record<string, unknown>>(Buffer.from(jws.protected ?? '', 'base64url').toString('utf8'));
    if (header['url'] !== `${base}${request.url}`) {
      throw new AcmeRefusal(403, 'unauthorized', 'JWS header url does not match the request');
    }
    const known = this.accountOf(header, base, account);
    const jwk = known?.jwk ?? (header['jwk'] as JWK);
    const bytes = await payloadOf(jws, jwk);
    const nonce = String(header['nonce']);
    if (!this.nonces.delete(nonce) || this.lottery.take('nonce') !== undefined) {
      throw new AcmeRefusal(400, 'badNonce', 'JWS has an invalid anti-replay nonce');
    }
    if (known?.status === 'deactivated') {
      throw new AcmeRefusal(403, 'unauthorized', 'Account is not valid, has status "deactivated"');
    }
    const payload = bytes === '' ? undefined : read<Record<string, unknown>>(bytes);
    return { request, reply, payload, jwk, thumbprint: await calculateJwkThumbprint(jwk), account: known, base };
  }

  private accountOf(header: Record<string, unknown>, base: string, account: 'required' | 'new'): Account | undefined {
    const { kid, jwk } = header;
    if (account === 'new') {
      if (typeof jwk === 'object' && jwk !== null && kid === undefined) return undefined;
      throw new AcmeRefusal(400, 'malformed', 'newAccount requests must carry a jwk and no kid');
    }
    if (typeof kid !== 'string' || jwk !== undefined)
      throw new AcmeRefusal(400, 'malformed', 'No Key ID in JWS header');
    const known = this.store.state.accounts[kid.replace(`${base}/acme/acct/`, '')];
    if (known !== undefined) return known;
    throw new AcmeRefusal(400, 'accountDoesNotExist', `Account "${kid}" not found`);
  }
}

function read<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new AcmeRefusal(400, 'malformed', 'Parse error reading JWS');
  }
}

async function payloadOf(jws: FlattenedJWSInput, jwk: JWK): Promise<string> {
  try {
    const { payload } = await flattenedVerify(jws, await importJWK(jwk, 'ES256'), { algorithms: ['ES256'] });
    return Buffer.from(payload).toString('utf8');
  } catch {
    throw new AcmeRefusal(400, 'malformed', 'JWS verification error');
  }
}
