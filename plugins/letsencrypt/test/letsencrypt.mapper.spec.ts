import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from '@keelson/testing';
import { certificateRequest, newPrivateKey, renewalIdOf } from '../src/certificate-keys.js';
import {
  askAgain,
  authorizationFrom,
  challengeOf,
  directoryFrom,
  issuedFrom,
  orderFrom,
  renewalFrom,
} from '../src/letsencrypt.mapper.js';

const now = new Date('2026-11-20T12:00:00Z');
const day = 86_400_000;
const url = 'https://ca.example/acme/1';
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
});

async function certificate(lifeDays: number) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = await authority.issue({
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    domains: ['example.com'],
    notBefore: now,
    notAfter: new Date(now.getTime() + lifeDays * day),
  });
  return { pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

describe('a directory', () => {
  const whole = { newNonce: url, newAccount: url, newOrder: url, revokeCert: url };

  it('names the resources, and perhaps profiles and renewal information', () => {
    expect(directoryFrom(whole)).toEqual({ ...whole, meta: {} });
    const meta = { termsOfService: url, profiles: { classic: 'text', shortlived: 'text' } };
    expect(directoryFrom({ ...whole, renewalInfo: url, meta })).toEqual({
      ...whole,
      renewalInfo: url,
      meta: { termsOfService: url, profiles: ['classic', 'shortlived'] },
    });
  });

  it.each([null, [], 'text', {}, { ...whole, newOrder: 7 }, { ...whole, revokeCert: '/relative' }])(
    'is none as %j',
    (value) => expect(() => directoryFrom(value)).toThrow(expect.objectContaining({ code: 'invalid-config' })),
  );
});

describe('orders and authorizations', () => {
  it('are read with their problems', () => {
    const order = {
      status: 'invalid',
      authorizations: [url],
      finalize: url,
      error: { type: 'urn:ietf:params:acme:error:caa' },
    };
    expect(orderFrom(order)).toEqual({ ...order, error: { type: 'caa', detail: '' } });
    const challenge = { type: 'dns-01', url, status: 'pending', token: 'abc_-9' };
    expect(
      authorizationFrom({
        status: 'pending',
        identifier: { type: 'dns', value: 'example.com' },
        challenges: [challenge, { type: 'dns-persist-01', url, status: 'pending' }],
      }),
    ).toEqual({ status: 'pending', domain: 'example.com', challenges: [challenge] });
  });

  it.each([
    null,
    {},
    { status: 'odd', authorizations: [], finalize: url },
    { status: 'ready', authorizations: 7, finalize: url },
  ])('are no orders as %j', (value) =>
    expect(() => orderFrom(value)).toThrow(expect.objectContaining({ code: 'internal' })),
  );

  it('pass over challenges whose token could leave its path', () => {
    const challenges = ['../x', 'a b', 'a"b', ''].map((token) => ({ type: 'http-01', url, status: 'pending', token }));
    const read = authorizationFrom({ status: 'pending', identifier: { value: 'example.com' }, challenges });
    expect(read.challenges).toEqual([]);
  });
});

describe('a challenge', () => {
  it('says where its proof belongs', () => {
    expect(challengeOf('http-01', 'example.com', 'tok', 'tok.thumb')).toEqual({
      type: 'http-01',
      domain: 'example.com',
      path: '/.well-known/acme-challenge/tok',
      body: 'tok.thumb',
    });
    expect(challengeOf('dns-01', 'example.com', 'tok', 'digest')).toEqual({
      type: 'dns-01',
      domain: 'example.com',
      recordName: '_acme-challenge.example.com',
      recordValue: 'digest',
    });
  });
});

describe('an issued chain', () => {
  it('is split into the certificate and its issuers', async () => {
    const { pem, key } = await certificate(90);
    const issued = issuedFrom(`${pem}\n\n${authority.intermediatePem}`, key);
    expect(issued).toMatchObject({
      certificatePem: pem,
      chainPem: authority.intermediatePem,
      notBefore: now,
      notAfter: new Date(now.getTime() + 90 * day),
      serial: new X509Certificate(pem).serialNumber.toLowerCase(),
    });
  });

  it('is not ours when it is for another key, and none when it is something else', async () => {
    const { pem } = await certificate(90);
    const { key } = await certificate(90);
    expect(issuedFrom(pem, key)).toBeUndefined();
    for (const text of ['', '<html>', '{}']) {
      expect(() => issuedFrom(text, key)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    }
  });
});

describe('renewal', () => {
  it('is what the authority says, until it may say something else', () => {
    const suggestedWindow = { start: '2027-01-01T00:00:00Z', end: '2027-01-02T00:00:00Z' };
    expect(renewalFrom({ suggestedWindow, explanationURL: url }, '3600', now)).toEqual({
      start: new Date(suggestedWindow.start),
      end: new Date(suggestedWindow.end),
      checkAfter: new Date(now.getTime() + 3_600_000),
      explanationUrl: url,
    });
    expect(renewalFrom({ suggestedWindow }, undefined, now).checkAfter).toEqual(new Date(now.getTime() + day / 4));
  });

  it.each([null, {}, { suggestedWindow: {} }, { suggestedWindow: { start: '2027-01-02', end: '2027-01-01' } }])(
    'is not known from %j',
    (value) => expect(() => renewalFrom(value, undefined, now)).toThrow(expect.objectContaining({ code: 'internal' })),
  );

  it('knows a certificate by the id of RFC 9773 §4.1', async () => {
    const x509 = await import('@peculiar/x509');
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const made = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '0087654321',
      name: 'CN=Example CA',
      notBefore: now,
      notAfter: new Date(now.getTime() + day),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      keys,
      extensions: [new x509.AuthorityKeyIdentifierExtension('69885B6B87464041E1B37B847BA0AE2CDE01C8D4')],
    });
    expect(await renewalIdOf(new X509Certificate(made.toString('pem')))).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  });
});

describe('a certificate request', () => {
  it.each(['ec-256', 'rsa-2048'] as const)('is for all names, with a key of kind %s', async (keyType) => {
    const key = await newPrivateKey(keyType);
    const request = await certificateRequest(key, ['example.com', '*.example.com']);
    const read = await authority.read(Buffer.from(request, 'base64url'));
    expect(read.domains).toEqual(['example.com', '*.example.com']);
    expect(request).not.toContain(key.split('\n')[1]);
  });
});

describe('asking again', () => {
  it('waits as long as the authority says, in bounds', () => {
    const seconds = (header?: string) => (askAgain(header, now).getTime() - now.getTime()) / 1000;
    expect([undefined, '0', '7', '86400', 'soon'].map(seconds)).toEqual([3, 1, 7, 3600, 3]);
  });
});
