import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountSpec } from '@keelson/core';
import { startSimulator, type DirectAdminSimulator } from '../simulator/index.js';
import type { DirectAdminAdapter } from '../src/index.js';
import { adapterWith } from './directadmin-adapter.js';

const spec: AccountSpec = {
  username: 'k9shop',
  domain: 'shop.example',
  package: 'starter',
  email: 'owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_1',
};
const pem = (label: string) => `-----BEGIN ${label}-----\nYWJj\n-----END ${label}-----\n`;

let panel: DirectAdminSimulator;
let adapter: DirectAdminAdapter;
beforeEach(async () => {
  panel = await startSimulator();
  adapter = adapterWith(panel.settings);
});
afterEach(() => panel.stop());

const changes = () => panel.ledger.entries().filter(({ changed }) => changed);

describe('an account', () => {
  it('gets the address of the connection and no mail from the server', async () => {
    expect(await adapter.ensureAccount(spec)).toMatchObject({
      ip: panel.settings['ip'],
      nameservers: ['ns1.panel.example', 'ns2.panel.example'],
      panelUrl: panel.settings['url'],
    });
  });

  it('of a reseller is not made', async () => {
    await expect(adapter.ensureAccount({ ...spec, accountType: 'reseller' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    expect(changes()).toEqual([]);
  });

  it('is not found by a domain that is not its main one', async () => {
    await adapter.ensureAccount(spec);
    expect(await adapter.findAccount({ domain: 'www.shop.example' })).toBeUndefined();
    expect(await adapter.findAccount({ domain: spec.domain })).toMatchObject({ username: spec.username });
  });

  it('is suspended with one command, as older servers toggle', async () => {
    await adapter.ensureAccount(spec);
    for (let repetition = 0; repetition < 3; repetition += 1) await adapter.suspendAccount(spec.username);
    expect(changes().map(({ operation }) => operation)).toEqual(['CMD_API_ACCOUNT_USER', 'CMD_API_SELECT_USERS']);
    expect(panel.user(spec.username)?.suspended).toBe(true);
  });

  it('is not put on the package that it has, which would take adjusted limits away', async () => {
    await adapter.ensureAccount(spec);
    await adapter.changePackage(spec.username, 'starter');
    expect(changes()).toHaveLength(1);
  });
});

describe('a link to sign in', () => {
  it('works once', async () => {
    await adapter.ensureAccount(spec);
    const { url, expiresAt } = await adapter.createSignOnLink(spec.username);
    expect(expiresAt?.getTime()).toBeGreaterThan(Date.now());
    expect(await (await fetch(url)).text()).toContain(`Signed in as ${spec.username}`);
    expect(await (await fetch(url)).text()).not.toContain(spec.username);
  });
});

describe('a certificate', () => {
  it('is installed with its key and chain in one command', async () => {
    await adapter.ensureAccount(spec);
    const certificate = {
      certificatePem: pem('CERTIFICATE'),
      privateKeyPem: pem('PRIVATE KEY'),
      chainPem: pem('CERTIFICATE'),
    };
    await adapter.putCertificate({ username: spec.username, domain: spec.domain, ...certificate });
    await adapter.setForceHttps(spec.username, spec.domain, true);
    const user = panel.user(spec.username);
    expect(user?.certificates[spec.domain]?.match(/BEGIN [A-Z ]+/g)).toEqual([
      'BEGIN PRIVATE KEY',
      'BEGIN CERTIFICATE',
      'BEGIN CERTIFICATE',
    ]);
    expect(user?.forced).toEqual([spec.domain]);
  });

  it('is not installed for a domain of somebody else', async () => {
    await adapter.ensureAccount(spec);
    const certificate = { certificatePem: pem('CERTIFICATE'), privateKeyPem: pem('PRIVATE KEY'), chainPem: '' };
    const foreign = adapter.putCertificate({ username: spec.username, domain: 'other.example', ...certificate });
    await expect(foreign).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the simulated panel', () => {
  const ask = (command: string, key: unknown = panel.settings['loginKey']) =>
    fetch(`${String(panel.settings['url'])}/${command}`, {
      headers: { authorization: `Basic ${Buffer.from(`admin:${String(key)}`).toString('base64')}` },
    });

  it('answers url-encoded where no JSON is asked for', async () => {
    expect(await (await ask('CMD_API_PACKAGES_USER')).text()).toBe(
      'list%5B%5D=starter&list%5B%5D=basic&list%5B%5D=business',
    );
    expect(await (await ask('CMD_API_SHOW_USER_CONFIG?user=nobody')).text()).toMatch(/^error=1&text=Error&details=/);
  });

  it('shows the page to log in to a program with a wrong key', async () => {
    const answer = await ask('CMD_API_PACKAGES_USER?json=yes', 'wrong');
    expect([answer.status, answer.headers.get('x-directadmin')]).toEqual([200, 'unauthorized']);
    expect(await answer.text()).toContain('<form action="/CMD_LOGIN"');
  });

  it('shows its accounts to people', async () => {
    await adapter.ensureAccount(spec);
    expect(await (await fetch(`${String(panel.settings['url'])}/`)).text()).toContain(spec.domain);
  });
});
