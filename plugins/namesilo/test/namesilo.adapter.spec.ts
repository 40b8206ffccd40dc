import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DomainRegistrationSpec } from '@keelson/core';
import type { NameSiloSimulator } from '../simulator/index.js';
import type { NameSiloAdapter } from '../src/index.js';
import { adapterWith, contact, startNameSilo } from './namesilo-environment.js';

const domain = 'demo.example';
const nameservers = ['ns1.names.example', 'ns2.names.example'];
const dayMs = 24 * 3_600_000;

let simulator: NameSiloSimulator;
let adapter: NameSiloAdapter;

beforeEach(async () => {
  ({ simulator, adapter } = await startNameSilo());
});

afterEach(() => simulator.stop());

function spec(change: Partial<DomainRegistrationSpec> = {}): DomainRegistrationSpec {
  return { domain, years: 1, contact, nameservers, privacy: true, autoRenew: false, ...change };
}

function operations(): string[] {
  return simulator.ledger.entries().map(({ operation }) => operation);
}

describe('registration', () => {
  it('looks, asks for the price, buys, and looks again', async () => {
    await adapter.registerDomain(spec());
    expect(operations()).toEqual(['getDomainInfo', 'checkRegisterAvailability', 'registerDomain', 'getDomainInfo']);
  });

  it('says what the registrar replaced', async () => {
    const wrongHost = await adapter.registerDomain(spec({ nameservers: ['ns1', 'ns2.names.example'] }));
    expect(wrongHost).toMatchObject({
      replaced: ['nameservers'],
      nameservers: expect.arrayContaining(['ns1.dnsowl.com']),
    });
    const odd = { ...contact, country: 'Germany' };
    expect(await adapter.registerDomain(spec({ domain: 'two.example', contact: odd }))).toMatchObject({
      replaced: ['contact'],
    });
    expect(await adapter.getContacts('two.example')).toMatchObject({ email: 'owner@hosting.example' });
  });

  it.each([261, 262])('returns what is ours after %i', async (code) => {
    const held = await adapter.registerDomain(spec());
    simulator.answerNext('getDomainInfo', 200);
    simulator.answerNext('checkRegisterAvailability', 262);
    expect(await adapter.registerDomain(spec())).toEqual(held);
    simulator.answerNext('registerDomain', code);
    simulator.answerNext('getDomainInfo', 200);
    expect(await adapter.registerDomain(spec())).toEqual(held);
    expect(simulator.orders()).toHaveLength(1);
  });

  it.each([
    [262, 'as the registrar says it', 'already-exists'],
    [261, 'Domain unavailable for registration.', 'already-exists'],
    [261, 'Something else is wrong.', 'wrong-state'],
  ])('after %i "%s" is %s when the domain is not ours', async (answer, detail, code) => {
    simulator.answerNext('registerDomain', answer, { detail });
    await expect(adapter.registerDomain(spec())).rejects.toMatchObject({ code });
    expect(simulator.orders()).toEqual([]);
  });

  it.each([115, 201, 400])('is unknown after %i, and bought once by a repetition', async (code) => {
    simulator.answerNext('registerDomain', code);
    await expect(adapter.registerDomain(spec())).rejects.toMatchObject({ code: 'outcome-unknown' });
    await adapter.registerDomain(spec());
    expect(simulator.orders()).toHaveLength(1);
  });

  it('is unknown when the registrar says it is done and does not show the domain', async () => {
    simulator.answerNext('registerDomain', 300);
    await expect(adapter.registerDomain(spec())).rejects.toMatchObject({ code: 'outcome-unknown' });
  });

  it.each([200, 201, 110])('is unknown when it was paid and looking again ends in %i', async (code) => {
    simulator.answerNext('getDomainInfo', code, { after: 1 });
    await expect(adapter.registerDomain(spec())).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(await adapter.registerDomain(spec())).toMatchObject({ domain });
    expect(simulator.orders()).toHaveLength(1);
  });

  it('asks no privacy where the ending knows none', async () => {
    expect(await adapter.registerDomain(spec({ domain: 'demo.eu' }))).toMatchObject({ privacy: false });
    await expect(adapter.setPrivacy('demo.eu', true)).rejects.toMatchObject({ code: 'unsupported' });
    await adapter.setPrivacy('demo.eu', false);
  });

  it('refuses endings that are not sold, and maxima in another currency', async () => {
    await expect(adapter.registerDomain(spec({ domain: 'demo.museum' }))).rejects.toMatchObject({
      code: 'invalid-input',
    });
    const maximumPrice = { amount: 99_999, currency: 'EUR' };
    await expect(adapter.registerDomain(spec({ maximumPrice }))).rejects.toMatchObject({ code: 'invalid-input' });
    expect(simulator.orders()).toEqual([]);
  });

  it('charges the payment profile of the settings', async () => {
    const paying = adapterWith({ ...simulator.settings, paymentId: '4711' }, simulator);
    simulator.answerNext('registerDomain', 117);
    await expect(paying.registerDomain(spec())).rejects.toMatchObject({ code: 'invalid-config' });
    expect(simulator.orders()).toEqual([]);
  });
});

describe('renewal', () => {
  it('is unknown when the registrar says it is done and the expiry does not move', async () => {
    const { expiresAt } = await adapter.registerDomain(spec());
    simulator.answerNext('renewDomain', 300);
    await expect(adapter.renewDomain(domain, 1, expiresAt)).rejects.toMatchObject({ code: 'outcome-unknown' });
  });

  it('beyond ten years is refused by the registrar', async () => {
    const { expiresAt } = await adapter.registerDomain(spec({ years: 5 }));
    await expect(adapter.renewDomain(domain, 6, expiresAt)).rejects.toMatchObject({ code: 'invalid-input' });
    expect(simulator.orders()).toHaveLength(1);
  });
});

describe('transfer', () => {
  it('waits for days, asked every few hours', async () => {
    simulator.registerElsewhere(domain);
    const started = await adapter.startTransfer(domain, `auth-${domain}`, contact);
    if (started.state !== 'pending') throw new Error(`expected a pending transfer, not ${started.state}`);
    const wait = started.checkAfter.getTime() - simulator.now().getTime();
    expect(Math.round(wait / 3_600_000)).toBe(4);
    for (let day = 0; day < 4; day += 1) {
      simulator.advance(dayMs);
      expect(await adapter.checkTransfer(started.reference)).toMatchObject({
        state: 'pending',
        waitingFor: 'registry',
      });
    }
    simulator.advance(2 * dayMs);
    expect(await adapter.checkTransfer(started.reference)).toMatchObject({ state: 'completed' });
    expect(await adapter.findDomain(domain)).toMatchObject({ autoRenew: false, privacy: true });
  });

  it('of a locked domain goes on once it is unlocked, and is paid once', async () => {
    simulator.registerElsewhere(domain, { locked: true });
    await adapter.startTransfer(domain, `auth-${domain}`, contact);
    simulator.advance(dayMs);
    expect(await adapter.checkTransfer(domain)).toMatchObject({ state: 'failed', remedy: 'unlock' });
    simulator.registerElsewhere(domain, { locked: false });
    expect(await adapter.startTransfer(domain, `auth-${domain}`, contact)).toMatchObject({ state: 'pending' });
    expect(operations()).toContain('transferUpdateResubmitToRegistry');
    simulator.advance(6 * dayMs);
    expect(await adapter.checkTransfer(domain)).toMatchObject({ state: 'completed' });
    expect(simulator.orders()).toHaveLength(1);
  });

  it('that failed and cannot go on is not bought again behind the back of the caller', async () => {
    simulator.registerElsewhere(domain);
    await adapter.startTransfer(domain, 'wrong', contact);
    simulator.advance(dayMs);
    simulator.answerNext('transferUpdateChangeEPPCode', 265);
    await expect(adapter.startTransfer(domain, 'right', contact)).rejects.toMatchObject({ code: 'wrong-state' });
    expect(simulator.orders()).toHaveLength(1);
    simulator.answerNext('transferUpdateChangeEPPCode', 266);
    expect(await adapter.startTransfer(domain, `auth-${domain}`, contact)).toMatchObject({ state: 'pending' });
    expect(simulator.orders()).toHaveLength(2);
  });

  it('waits on while the domain that arrived does not show', async () => {
    simulator.registerElsewhere(domain);
    await adapter.startTransfer(domain, `auth-${domain}`, contact);
    simulator.advance(6 * dayMs);
    simulator.answerNext('getDomainInfo', 200);
    expect(await adapter.checkTransfer(domain)).toMatchObject({ state: 'pending', waitingFor: 'registrar' });
    expect(await adapter.checkTransfer(domain)).toMatchObject({ state: 'completed' });
  });
});

describe('changes', () => {
  beforeEach(async () => {
    await adapter.registerDomain(spec());
    simulator.ledger.clear();
  });

  it('of a contact leave profiles that other domains share as they are', async () => {
    const profile = simulator.domain(domain)?.contacts ?? {};
    await adapter.registerDomain(spec({ domain: 'two.example' }));
    simulator.editDomain('two.example', { contacts: profile });
    await adapter.putContacts(domain, { ...contact, city: 'Hamburg' });
    expect(await adapter.getContacts('two.example')).toMatchObject({ city: 'Berlin' });
    simulator.ledger.clear();
    await adapter.putContacts(domain, { ...contact, city: 'Hamburg', phone: '49301234567' });
    expect(operations()).toEqual(['getDomainInfo', 'contactList']);
  });

  it('of a contact reach the roles that another contact held', async () => {
    const { registrant = '' } = simulator.domain(domain)?.contacts ?? {};
    simulator.editDomain(domain, {
      contacts: { registrant, administrative: '1000001', technical: registrant, billing: registrant },
    });
    await adapter.putContacts(domain, contact);
    expect(new Set(Object.values(simulator.domain(domain)?.contacts ?? {}))).toEqual(new Set([registrant]));
  });

  it('of DS records add before they remove, and write nothing that is there', async () => {
    const record = (keyTag: number) => ({ keyTag, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) });
    await adapter.putDsRecords(domain, [record(1)]);
    await adapter.putDsRecords(domain, [record(1)]);
    await adapter.putDsRecords(domain, [record(2)]);
    expect(operations().filter((name) => name !== 'dnsSecListRecords')).toEqual([
      'dnsSecAddRecord',
      'dnsSecAddRecord',
      'dnsSecDeleteRecord',
    ]);
  });

  it('of glue records write nothing that is there', async () => {
    await adapter.putGlueRecord(`ns1.${domain}`, ['192.0.2.1', '2001:db8::1']);
    await adapter.putGlueRecord(`NS1.${domain}`, ['2001:db8::1', '192.0.2.1']);
    await adapter.removeGlueRecord(`ns2.${domain}`);
    expect(operations().filter((name) => name !== 'listRegisteredNameServers')).toEqual(['addRegisteredNameServer']);
  });

  it('show a suspended domain as such', async () => {
    simulator.editDomain(domain, { suspended: 'Suspended (no email verification)' });
    expect(await adapter.findDomain(domain)).toMatchObject({ state: 'suspended' });
  });

  it('list long accounts page by page', async () => {
    simulator.setBalance(100_000_00);
    for (let n = 0; n < 120; n += 1) await adapter.registerDomain(spec({ domain: `n${n}.example` }));
    const first = await adapter.listDomains();
    const second = await adapter.listDomains(first.cursor);
    expect([first.items.length, second.items.length, second.cursor]).toEqual([100, 21, undefined]);
    for (const cursor of ['0', '-1', 'x']) {
      await expect(adapter.listDomains(cursor)).rejects.toMatchObject({ code: 'invalid-input' });
    }
  });
});
