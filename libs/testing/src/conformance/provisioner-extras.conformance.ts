import { expect } from '@jest/globals';
import {
  provisionerPort,
  supports,
  type AccountUsage,
  type CapabilityMethods,
  type CertificateInstallSpec,
  type DatabaseSpec,
} from '@keelson/core';
import { expectFailure, expectNoSecret } from './failures.js';
import {
  guard,
  password,
  specOf,
  type GuardedProvisioner,
  type ProvisionerCapability,
  type ProvisionerCase,
  type ProvisionerEnvironment,
} from './provisioner-environment.js';

type Capable<C extends ProvisionerCapability> = GuardedProvisioner & CapabilityMethods<typeof provisionerPort, C>;

/** A case for the adapters that declare the capability. The suite's accounts 0 and 1 exist when it runs. */
function capable<C extends ProvisionerCapability>(
  capability: C,
  name: string,
  run: (provisioner: Capable<C>, environment: ProvisionerEnvironment) => Promise<void>,
): ProvisionerCase {
  return {
    name: `${capability}: ${name}`,
    capability,
    run: async (environment) => {
      const provisioner = guard(environment);
      if (!supports(provisioner, provisionerPort, capability)) throw new Error(`${capability} is not declared`);
      await provisioner.ensureAccount(specOf(0, environment));
      await provisioner.ensureAccount(specOf(1, environment));
      await run(provisioner, environment);
    },
  };
}

const [ours, neighbour, absent] = ['k0conform', 'k1conform', 'k7conform'];
const newPassword = 'An0ther &=+%"pa ss-Wörd';

const database: DatabaseSpec = { username: ours, name: 'shop', databaseUser: 'shop', password };

function certificateOf(text: string): CertificateInstallSpec {
  const pem = (label: string, body: string) => `-----BEGIN ${label}-----\n${btoa(body)}\n-----END ${label}-----\n`;
  return {
    username: ours,
    domain: 'k0.conformance.example',
    certificatePem: pem('CERTIFICATE', text),
    privateKeyPem: pem('PRIVATE KEY', `key of ${text}`),
    chainPem: pem('CERTIFICATE', `chain of ${text}`),
  };
}

function expectUsage(usage: AccountUsage | undefined): void {
  for (const value of [usage?.diskMb, usage?.bandwidthMb ?? 0]) expect(value).toBeGreaterThanOrEqual(0);
  for (const limit of [usage?.diskLimitMb ?? 1, usage?.bandwidthLimitMb ?? 1]) expect(limit).toBeGreaterThan(0);
}

/** What holds for adapters of the provisioner port that declare a capability. */
export const provisionerExtraCases: readonly ProvisionerCase[] = [
  capable(
    'change-package',
    'puts one account on another package, as often as asked',
    async (provisioner, { packages }) => {
      await provisioner.changePackage(ours, packages[1]);
      await provisioner.changePackage(ours, packages[1]);
      expect(await provisioner.findAccount({ username: ours })).toMatchObject({ package: packages[1] });
      expect(await provisioner.findAccount({ username: neighbour })).toMatchObject({ package: packages[0] });
    },
  ),
  capable('change-package', 'refuses unknown packages and unknown accounts', async (provisioner, { packages }) => {
    await expectFailure('invalid-input', () => provisioner.changePackage(ours, 'no-such-package'));
    await expectFailure('not-found', () => provisioner.changePackage(absent, packages[1]));
    expect(await provisioner.findAccount({ username: ours })).toMatchObject({ package: packages[0] });
  }),
  capable(
    'change-password',
    'takes a strong password, refuses a weak one and unknown accounts',
    async (provisioner) => {
      await provisioner.setAccountPassword(ours, newPassword);
      await provisioner.setAccountPassword(ours, newPassword);
      const failures = [
        await expectFailure('invalid-input', () => provisioner.setAccountPassword(ours, 'a')),
        await expectFailure('not-found', () => provisioner.setAccountPassword(absent, newPassword)),
      ];
      expectNoSecret(failures, [newPassword]);
    },
  ),
  capable('change-domain', 'makes a domain the main one, as often as asked', async (provisioner) => {
    await provisioner.changeDomain(ours, 'moved.conformance.example');
    await provisioner.changeDomain(ours, 'moved.conformance.example');
    expect(await provisioner.findAccount({ domain: 'moved.conformance.example' })).toMatchObject({ username: ours });
    expect(await provisioner.findAccount({ domain: 'k0.conformance.example' })).toBeUndefined();
  }),
  capable('change-domain', "refuses another account's domain and unknown accounts", async (provisioner) => {
    await expectFailure('already-exists', () => provisioner.changeDomain(ours, 'k1.conformance.example'));
    await expectFailure('not-found', () => provisioner.changeDomain(absent, 'moved.conformance.example'));
    expect(await provisioner.findAccount({ username: ours })).toMatchObject({ domain: 'k0.conformance.example' });
  }),
  capable('single-sign-on', 'makes a new link to the panel each time', async (provisioner) => {
    const [first, second] = [await provisioner.createSignOnLink(ours), await provisioner.createSignOnLink(ours)];
    expect(first.url).not.toBe(second.url);
    expect(new URL(first.url).protocol).toMatch(/^https?:$/);
    if (first.expiresAt !== undefined) expect(first.expiresAt.getTime()).toBeGreaterThan(Date.now());
    await expectFailure('not-found', () => provisioner.createSignOnLink(absent));
  }),
  capable('usage', 'tells what an account uses, in megabytes', async (provisioner) => {
    const usage = await provisioner.getUsage(ours);
    expect(usage.username).toBe(ours);
    expectUsage(usage);
    await expectFailure('not-found', () => provisioner.getUsage(absent));
  }),
  capable('bulk-usage', 'tells what each account uses, each once', async (provisioner) => {
    const usages = await provisioner.listUsage();
    expect(usages.map(({ username }) => username).sort()).toEqual([ours, neighbour]);
    for (const usage of usages) expectUsage(usage);
  }),
  capable('reseller', 'grants and revokes, each as often as asked', async (provisioner) => {
    await provisioner.grantReseller(ours);
    await provisioner.grantReseller(ours);
    await provisioner.revokeReseller(ours);
    await provisioner.revokeReseller(ours);
    await expectFailure('not-found', () => provisioner.grantReseller(absent));
    expect(await provisioner.findAccount({ username: ours })).toMatchObject({ state: 'active' });
  }),
  capable('database', 'creates a database with its user, as often as asked, and finds it', async (provisioner) => {
    const created = await provisioner.ensureDatabase(database);
    expect(created.name).toContain('shop');
    expect(created.host).not.toBe('');
    expect(await provisioner.ensureDatabase({ ...database, password: newPassword })).toEqual(created);
    expect(await provisioner.findDatabase(ours, 'shop')).toEqual(created);
    expect(await provisioner.findDatabase(ours, 'sho')).toBeUndefined();
  }),
  capable('database', 'keeps databases of the same name of two accounts apart', async (provisioner) => {
    const first = await provisioner.ensureDatabase(database);
    const second = await provisioner.ensureDatabase({ ...database, username: neighbour });
    expect(second.name).not.toBe(first.name);
    await provisioner.removeDatabase(ours, 'shop', 'shop');
    expect(await provisioner.findDatabase(ours, 'shop')).toBeUndefined();
    expect(await provisioner.findDatabase(neighbour, 'shop')).toEqual(second);
  }),
  capable('database', 'removes as often as asked, also from an account that is not there', async (provisioner) => {
    await provisioner.ensureDatabase(database);
    await provisioner.removeDatabase(ours, 'shop', 'shop');
    await provisioner.removeDatabase(ours, 'shop', 'shop');
    await provisioner.removeDatabase(absent, 'shop', 'shop');
    expect(await provisioner.findDatabase(absent, 'shop')).toBeUndefined();
    expect(await provisioner.ensureDatabase(database)).toMatchObject({ name: expect.stringContaining('shop') });
  }),
  capable('database', 'refuses weak passwords and unknown accounts', async (provisioner) => {
    const failures = [
      await expectFailure('invalid-input', () => provisioner.ensureDatabase({ ...database, password: 'a' })),
      await expectFailure('not-found', () => provisioner.ensureDatabase({ ...database, username: absent })),
    ];
    expectNoSecret(failures, [password]);
  }),
  capable(
    'certificate-install',
    'installs and replaces a certificate, and forces HTTPS on and off',
    async (provisioner) => {
      await provisioner.putCertificate(certificateOf('first'));
      await provisioner.putCertificate(certificateOf('second'));
      for (const on of [true, true, false, false]) await provisioner.setForceHttps(ours, 'k0.conformance.example', on);
      expect(await provisioner.findAccount({ username: ours })).toMatchObject({ state: 'active' });
    },
  ),
  capable('certificate-install', 'refuses what is no certificate, and unknown accounts', async (provisioner) => {
    const spec = certificateOf('first');
    const failures = [
      await expectFailure('invalid-input', () => provisioner.putCertificate({ ...spec, certificatePem: 'junk' })),
      await expectFailure('not-found', () => provisioner.putCertificate({ ...spec, username: absent })),
      await expectFailure('not-found', () => provisioner.setForceHttps(absent, spec.domain, true)),
    ];
    expectNoSecret(failures, [spec.privateKeyPem.split('\n')[1] ?? spec.privateKeyPem]);
  }),
];
