import { expect } from '@jest/globals';
import { supports, sslPort } from '@keelson/core';
import { CertificateAuthority } from '../simulator/certificate-authority.js';
import { expectFailure } from './failures.js';
import { expectGood, guard, obtain, specOf, type SslCase, type SslEnvironment } from './ssl-environment.js';

/** A certificate of an authority that nobody knows. */
async function strangeCertificate({ domain }: SslEnvironment): Promise<string> {
  const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const authority = await CertificateAuthority.create();
  const now = Date.now();
  return authority.issue({
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)),
    domains: [domain],
    notBefore: new Date(now - 1000),
    notAfter: new Date(now + 365 * 86_400_000),
  });
}

/** What happens to a certificate after it was issued. */
export const sslLifeCases: readonly SslCase[] = [
  {
    name: 'says when to renew: a window inside the life of the certificate, which ends by two thirds of it',
    run: async (environment) => {
      const ssl = guard(environment);
      const { certificatePem, notBefore, notAfter } = await obtain(ssl, environment, specOf(environment));
      const { start, end, checkAfter } = await ssl.renewalWindow(certificatePem);
      expect(start.getTime()).toBeGreaterThan(notBefore.getTime());
      expect(end.getTime()).toBeGreaterThan(start.getTime());
      const life = notAfter.getTime() - notBefore.getTime();
      expect(end.getTime() - notBefore.getTime()).toBeLessThanOrEqual((life * 2) / 3 + 2 * 3_600_000);
      expect(checkAfter).toBeInstanceOf(Date);
      expect(await ssl.renewalWindow(certificatePem)).toMatchObject({ start, end });
    },
  },
  {
    name: 'refuses what is no certificate as invalid-input',
    run: async (environment) => {
      const ssl = guard(environment);
      for (const pem of ['', 'junk', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
        await expectFailure('invalid-input', () => ssl.renewalWindow(pem));
        await expectFailure('invalid-input', () => ssl.revokeCertificate(pem));
        await expectFailure('invalid-input', () => ssl.startCertificate({ ...specOf(environment), replaces: pem }));
      }
      expect(await environment.countOrders()).toBe(0);
    },
  },
  {
    name: 'renews a certificate with another key, once more when it was renewed before',
    run: async (environment) => {
      const ssl = guard(environment);
      const spec = specOf(environment);
      const first = await obtain(ssl, environment, spec);
      const renewal = { ...spec, reference: `${spec.reference}_2`, replaces: first.certificatePem };
      const second = await obtain(ssl, environment, renewal);
      expectGood(environment, second, spec.domains);
      expect([second.serial, second.privateKeyPem]).not.toEqual([first.serial, first.privateKeyPem]);
      const again = { ...renewal, reference: `${spec.reference}_3` };
      expectGood(environment, await obtain(ssl, environment, again), spec.domains);
    },
  },
  {
    name: 'orders a certificate also where it replaces that of another authority',
    run: async (environment) => {
      const replaces = await strangeCertificate(environment);
      const spec = { ...specOf(environment), replaces };
      expectGood(environment, await obtain(guard(environment), environment, spec), spec.domains);
    },
  },
  {
    name: 'revokes a certificate as often as asked',
    run: async (environment) => {
      const ssl = guard(environment);
      const { certificatePem } = await obtain(ssl, environment, specOf(environment));
      expect(await ssl.revokeCertificate(certificatePem)).toBeUndefined();
      expect(await ssl.revokeCertificate(certificatePem)).toBeUndefined();
    },
  },
  {
    name: 'reports a certificate of somebody else as not-found to whoever revokes it',
    run: async (environment) => {
      const strange = await strangeCertificate(environment);
      await expectFailure('not-found', () => guard(environment).revokeCertificate(strange));
    },
  },
  {
    capability: 'renewal-info',
    name: 'passes on what the authority says about renewal',
    run: async (environment) => {
      const ssl = guard(environment);
      // That the method is there is a case of its own.
      if (!supports(ssl, sslPort, 'renewal-info')) return;
      const { certificatePem } = await obtain(ssl, environment, specOf(environment));
      const strange = await strangeCertificate(environment);
      await expectFailure('not-found', () => ssl.getRenewalInfo(strange));
      if (!environment.tellsRenewal) {
        await expectFailure('not-found', () => ssl.getRenewalInfo(certificatePem));
        return;
      }
      const { start, end } = await ssl.getRenewalInfo(certificatePem);
      expect(await ssl.renewalWindow(certificatePem)).toMatchObject({ start, end });
      await ssl.revokeCertificate(certificatePem);
      const { end: now } = await ssl.getRenewalInfo(certificatePem);
      expect(now.getTime()).toBeLessThan(start.getTime());
    },
  },
];
