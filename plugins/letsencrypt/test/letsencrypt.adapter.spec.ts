import { afterEach, describe, expect, it } from '@jest/globals';
import type { CertificateSpec, CertificateState, IssuedCertificate } from '@keelson/core';
import { startSimulator, type LetsEncryptSimulator, type LetsEncryptSimulatorOptions } from '../simulator/index.js';
import { adapterWith, ChallengeBoard, KeptState, MovedClock } from './acme-environment.js';

const hour = 3_600_000;
const day = 24 * hour;
const simulators: LetsEncryptSimulator[] = [];

afterEach(async () => {
  await Promise.all(simulators.splice(0).map((simulator) => simulator.stop()));
});

async function start(options: LetsEncryptSimulatorOptions = {}, settings: Record<string, unknown> = {}) {
  const clock = new MovedClock();
  const board = new ChallengeBoard();
  const simulator = await startSimulator({ clock, lookup: board, ...options });
  simulators.push(simulator);
  const state = new KeptState();
  const ssl = adapterWith({ ...simulator.settings, ...settings }, state, clock);
  const check = async (reference: string): Promise<CertificateState> => {
    const found = await ssl.checkCertificate(reference);
    await simulator.settled();
    return found;
  };
  const settle = async (reference: string): Promise<CertificateState> => {
    for (let n = 0; n < 20; n += 1) {
      const found = await check(reference);
      if (found.state !== 'pending') return found;
      await clock.wait(found.checkAfter);
    }
    throw new Error('still pending');
  };
  const obtain = async (spec: CertificateSpec): Promise<IssuedCertificate> => {
    const started = await ssl.startCertificate(spec);
    if (started.state === 'pending') board.publish(started.challenges);
    const found = await settle(spec.reference);
    if (found.state === 'issued') return found.certificate;
    throw new Error(JSON.stringify(found));
  };
  const certificates = () => Object.values(simulator.state.certificates);
  return { clock, board, simulator, state, ssl, check, settle, obtain, certificates };
}

const spec = (n: number | string = 1, domains = ['site.example', 'www.site.example']): CertificateSpec => ({
  reference: `cert_${n}`,
  domains,
  method: 'http-01',
});
const refused = { code: 'rate-limited', retryAfterMs: expect.any(Number) };
const refusals = (simulator: LetsEncryptSimulator) =>
  simulator.ledger.entries().filter(({ outcome }) => outcome === '429');

describe('an order that is interrupted', () => {
  it('goes on after the answer to its last request was lost, with the same key and one certificate', async () => {
    const { simulator, ssl, board, check, settle, state, certificates } = await start();
    const started = await ssl.startCertificate(spec());
    if (started.state === 'pending') board.publish(started.challenges);
    await check('cert_1');
    simulator.faults.set({ kind: 'drop-after', match: 'POST /acme/finalize', times: 1 });
    expect(await check('cert_1')).toMatchObject({ state: expect.stringMatching(/^(pending|issued)$/) });
    expect(simulator.faults.active()).toEqual([]);
    expect(certificates()).toHaveLength(1);
    const found = await settle('cert_1');
    const kept = JSON.parse(state.find('intent:cert_1') ?? '{}') as { privateKeyPem: string };
    expect(found).toMatchObject({ state: 'issued', certificate: { privateKeyPem: kept.privateKeyPem } });
    expect(certificates()).toHaveLength(1);
  });

  it('keeps its private key before the authority hears of the order', async () => {
    const { simulator, ssl, state } = await start();
    simulator.faults.set({ kind: 'drop-before', match: 'POST /acme/new-order', times: 1 });
    await expect(ssl.startCertificate(spec())).rejects.toMatchObject({ code: 'outcome-unknown' });
    const kept = state.find('intent:cert_1');
    expect(kept).toContain('PRIVATE KEY');
    await expect(ssl.checkCertificate('cert_1')).rejects.toMatchObject({ code: 'not-found' });
    await ssl.startCertificate(spec());
    expect(state.find('intent:cert_1')).toBe(kept);
  });

  it('waits where the certificate cannot be fetched, and fetches it later', async () => {
    const { simulator, ssl, board, settle, certificates } = await start();
    const started = await ssl.startCertificate(spec());
    if (started.state === 'pending') board.publish(started.challenges);
    simulator.faults.set({ kind: 'html', match: 'POST /acme/cert' });
    await expect(settle('cert_1')).rejects.toMatchObject({ code: 'unavailable' });
    simulator.faults.clear();
    expect(await settle('cert_1')).toMatchObject({ state: 'issued' });
    expect(certificates()).toHaveLength(1);
  });

  it('is failed when the authority has forgotten it', async () => {
    const { clock, ssl } = await start();
    await ssl.startCertificate(spec());
    clock.advance(8 * day);
    expect(await ssl.checkCertificate('cert_1')).toMatchObject({ state: 'failed', vendor: { status: 404 } });
  });

  it('shares no certificate with another reference for the same names', async () => {
    const { ssl, board, settle, certificates } = await start();
    const started = await ssl.startCertificate(spec(1));
    if (started.state === 'pending') board.publish(started.challenges);
    await ssl.startCertificate(spec(2));
    expect(await settle('cert_1')).toMatchObject({ state: 'issued' });
    expect(await settle('cert_2')).toMatchObject({ state: 'failed' });
    expect(certificates()).toHaveLength(1);
  });
});

describe('a look', () => {
  it('is asked for once, and again only when the authority has done nothing for a minute', async () => {
    const { clock, simulator, ssl } = await start({ lookup: { txt: () => new Promise(() => undefined), http: never } });
    await ssl.startCertificate(spec());
    const looks = () => simulator.ledger.entries('POST /acme/chall').filter(({ changed }) => changed).length;
    await ssl.checkCertificate('cert_1');
    for (let n = 0; n < 5; n += 1) await ssl.checkCertificate('cert_1');
    expect(looks()).toBe(2);
    clock.advance(61_000);
    await ssl.checkCertificate('cert_1');
    expect(looks()).toBe(4);
    release();
  });

  it('that fails says whose fault it is, in words for customers and for operators', async () => {
    const { ssl, board, settle } = await start();
    const started = await ssl.startCertificate(spec());
    if (started.state === 'pending') board.publish(started.challenges.slice(0, 1));
    const failed = await settle('cert_1');
    expect(failed).toEqual({
      state: 'failed',
      reference: 'cert_1',
      reason: expect.stringMatching(/site\.example did not show the proof/),
      vendor: { code: 'unauthorized', message: expect.stringContaining('Invalid response from') },
    });
  });

  it('is not needed for names that were proven lately', async () => {
    const { ssl, obtain, settle } = await start();
    await obtain(spec(1));
    const started = await ssl.startCertificate(spec(2));
    expect(started).toMatchObject({ state: 'pending', challenges: [] });
    expect(await settle('cert_2')).toMatchObject({ state: 'issued' });
  });
});

describe('the limits of the authority', () => {
  it('are never reached by the same names', async () => {
    const { simulator, obtain, ssl, clock } = await start();
    for (let n = 1; n <= 4; n += 1) await obtain(spec(n));
    await expect(ssl.startCertificate(spec(5))).rejects.toMatchObject(refused);
    clock.advance(7 * day);
    await obtain(spec(5));
    expect(refusals(simulator)).toEqual([]);
  });

  it('are never reached by looks that fail', async () => {
    const { simulator, ssl, settle, clock } = await start();
    for (let n = 1; n <= 4; n += 1) {
      await ssl.startCertificate(spec(n, ['bare.example']));
      expect(await settle(`cert_${n}`)).toMatchObject({ state: 'failed' });
    }
    await expect(ssl.startCertificate(spec(5, ['bare.example']))).rejects.toMatchObject(refused);
    clock.advance(hour);
    await ssl.startCertificate(spec(5, ['bare.example']));
    expect(refusals(simulator)).toEqual([]);
  });

  it('are never reached by orders that nobody finishes', async () => {
    const { simulator, ssl } = await start({ nonceRejects: 0 });
    let placed = 0;
    for (; placed < 301; placed += 1) {
      try {
        await ssl.startCertificate(spec(placed, [`site${placed}.example`]));
      } catch (thrown) {
        expect(thrown).toMatchObject(refused);
        break;
      }
    }
    expect(placed).toBe(290);
    expect(refusals(simulator)).toEqual([]);
  });

  it('leave renewals alone', async () => {
    const { simulator, obtain, certificates } = await start();
    let { certificatePem } = await obtain(spec(1));
    for (let n = 2; n <= 8; n += 1) ({ certificatePem } = await obtain({ ...spec(n), replaces: certificatePem }));
    expect(certificates().map(({ renewal }) => renewal)).toEqual([false, ...Array<boolean>(7).fill(true)]);
    expect(refusals(simulator)).toEqual([]);
  });

  it('that others have used up are reported with the time to wait', async () => {
    const { simulator, obtain, clock, board, certificates } = await start();
    for (let n = 1; n <= 4; n += 1) await obtain(spec(n));
    const stranger = adapterWith(simulator.settings, new KeptState(), clock);
    const started = await stranger.startCertificate(spec(1));
    if (started.state === 'pending') board.publish(started.challenges);
    for (let n = 0; n < 5; n += 1) {
      await stranger.checkCertificate('cert_1');
      await simulator.settled();
    }
    expect(certificates()).toHaveLength(5);
    await expect(stranger.startCertificate(spec(2))).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: expect.any(Number),
      details: { vendor: { status: 429 } },
    });
    expect(refusals(simulator)).toHaveLength(1);
  });
});

describe('a profile', () => {
  it('is asked for where the authority offers it', async () => {
    const { obtain } = await start({}, { profile: 'shortlived' });
    const { notBefore, notAfter } = await obtain(spec());
    expect(Math.round((notAfter.getTime() - notBefore.getTime()) / hour)).toBe(160);
  });

  it('that the authority does not offer is invalid-config, before anything is ordered', async () => {
    const { ssl, simulator } = await start({}, { profile: 'tlsclient' });
    const wrong = { code: 'invalid-config', message: expect.stringContaining('classic, tlsserver, shortlived') };
    await expect(ssl.testConnection()).rejects.toMatchObject(wrong);
    await expect(ssl.startCertificate(spec())).rejects.toMatchObject(wrong);
    expect(simulator.state.orders).toEqual({});
  });
});

describe('renewal', () => {
  it('is decided by our own rule while the authority does not answer', async () => {
    const { simulator, obtain, ssl } = await start();
    const { certificatePem, notBefore, notAfter } = await obtain(spec());
    simulator.faults.set({ kind: 'unavailable', match: 'renewal-info' });
    const { end } = await ssl.renewalWindow(certificatePem);
    expect((end.getTime() - notBefore.getTime()) / (notAfter.getTime() - notBefore.getTime())).toBeCloseTo(2 / 3, 5);
    await expect(ssl.getRenewalInfo(certificatePem)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a certificate of 45 days whose names are proven for seven hours', () => {
  it('is renewed with new proofs, in the window of the authority, as long as anybody likes', async () => {
    const { simulator, obtain, ssl, clock, certificates } = await start({}, { profile: 'tlsserver' });
    let { certificatePem, notBefore } = await obtain(spec(1));
    for (let n = 2; n <= 9; n += 1) {
      const { start: from, end } = await ssl.renewalWindow(certificatePem);
      expect(Math.round((end.getTime() - notBefore.getTime()) / day)).toBe(30);
      clock.advance(from.getTime() - clock.now().getTime());
      const next = { ...spec(n), replaces: certificatePem };
      expect(await ssl.startCertificate(next)).toMatchObject({ challenges: [expect.anything(), expect.anything()] });
      ({ certificatePem, notBefore } = await obtain(next));
    }
    expect(certificates().filter(({ renewed }) => renewed)).toHaveLength(8);
    expect(refusals(simulator)).toEqual([]);
  });
});

describe('revocation', () => {
  it('of an expired certificate asks nobody', async () => {
    const { simulator, obtain, ssl, clock } = await start();
    const { certificatePem } = await obtain(spec());
    clock.advance(91 * day);
    await ssl.revokeCertificate(certificatePem);
    expect(simulator.ledger.entries('POST /acme/revoke-cert')).toEqual([]);
  });

  it('tells the authority why', async () => {
    const { simulator, obtain, ssl } = await start();
    const { certificatePem, serial } = await obtain(spec());
    await ssl.revokeCertificate(certificatePem, 'cessation-of-operation');
    expect(simulator.state.certificates[serial]).toMatchObject({ revocationReason: 5 });
    await ssl.revokeCertificate(certificatePem, 'superseded');
    expect(simulator.state.certificates[serial]).toMatchObject({ revocationReason: 5 });
  });

  it('of a certificate of another account is not-found', async () => {
    const { simulator, obtain, clock } = await start();
    const { certificatePem } = await obtain(spec());
    const stranger = adapterWith(simulator.settings, new KeptState(), clock);
    await expect(stranger.revokeCertificate(certificatePem)).rejects.toMatchObject({ code: 'not-found' });
  });
});

let release: () => void = () => undefined;

/** A web server that never answers until it is released. */
function never(): Promise<undefined> {
  return new Promise((done) => {
    const before = release;
    release = () => {
      before();
      done(undefined);
    };
  });
}
