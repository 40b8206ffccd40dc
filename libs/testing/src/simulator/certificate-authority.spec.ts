import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from './certificate-authority.js';

const issue = (authority: CertificateAuthority, domains = ['example.com', '*.example.com']) =>
  authority.issue({
    publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
    domains,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2026-04-01T00:00:00Z'),
  });

describe('the certificate authority for tests', () => {
  it('issues certificates that a chain leads to the root from', async () => {
    const authority = await CertificateAuthority.create();
    const leaf = new X509Certificate(await issue(authority));
    const intermediate = new X509Certificate(authority.intermediatePem);
    const root = new X509Certificate(authority.rootPem);
    expect([leaf.verify(intermediate.publicKey), intermediate.verify(root.publicKey)]).toEqual([true, true]);
    expect([leaf.checkIssued(intermediate), intermediate.checkIssued(root), intermediate.ca]).toEqual([
      true,
      true,
      true,
    ]);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkHost('shop.example.com')).toBe('*.example.com');
    expect(leaf.checkHost('example.org')).toBeUndefined();
    expect(leaf.validTo).toBe('Apr  1 00:00:00 2026 GMT');
  });

  it('goes on with the keys it had', async () => {
    const { keys } = await CertificateAuthority.create();
    const restarted = await CertificateAuthority.create(JSON.parse(JSON.stringify(keys)));
    const leaf = new X509Certificate(await issue(restarted));
    expect(leaf.checkIssued(new X509Certificate(keys.intermediatePem))).toBe(true);
  });

  it('does not read what is no request', async () => {
    const authority = await CertificateAuthority.create();
    await expect(authority.read(new Uint8Array([1, 2, 3]))).rejects.toThrow();
  });
});
