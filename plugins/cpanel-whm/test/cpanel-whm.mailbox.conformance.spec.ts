import { expect } from '@jest/globals';
import { mailboxPort } from '@keelson/core';
import { describeMailboxAdapter, describeTransportFaults } from '@keelson/testing';
import { startSimulator, type WhmSimulator } from '../simulator/index.js';
import { CpanelWhmMailboxAdapter, CpanelWhmProvisionerAdapter, mailboxCapabilities } from '../src/index.js';
import { configOf, wrongConfigOf } from './configs.js';

const domains = ['one.conformance.example', 'two.conformance.example'] as const;
const spec = { address: `admin@${domains[0]}`, password: 'S3cure-and-l0ng', quotaMb: 512 };

/** A server on which two accounts hold the two domains. */
async function startWithDomains(): Promise<WhmSimulator> {
  const whm = await startSimulator();
  const provisioner = new CpanelWhmProvisionerAdapter(configOf(whm));
  for (const [index, domain] of domains.entries()) {
    await provisioner.ensureAccount({
      username: `k${index}mailown`,
      domain,
      package: 'starter',
      email: 'owner@customer.example',
      password: 'S3cure-and-l0ng',
      externalId: `srv_${index}`,
    });
  }
  return whm;
}

describeMailboxAdapter('cpanel-whm', mailboxCapabilities, async () => {
  const whm = await startWithDomains();
  return {
    adapter: new CpanelWhmMailboxAdapter(configOf(whm)),
    withWrongCredentials: new CpanelWhmMailboxAdapter(wrongConfigOf(whm)),
    domains,
    account: 'k0mailown',
    loseNextCreation: () => whm.faults.set({ kind: 'drop-after', match: 'add_pop', times: 1 }),
    slowDown: (value) => whm.faults.set({ kind: 'latency', value }),
    secrets: [whm.settings.apiToken as string],
    stop: () => whm.stop(),
  };
});

describeTransportFaults('cpanel-whm: mailbox', async () => {
  const whm = await startWithDomains();
  return {
    port: mailboxPort,
    adapter: new CpanelWhmMailboxAdapter(configOf(whm)),
    capabilities: mailboxCapabilities,
    faults: whm.faults,
    secrets: [whm.settings.apiToken as string, spec.password],
    read: (adapter) => adapter.findMailbox(spec.address),
    act: (adapter) => adapter.ensureMailbox(spec),
    acting: 'add_pop',
    verifyActedOnce: async () => {
      expect(Object.keys(whm.account('k0mailown')?.mailboxes ?? {})).toEqual([spec.address]);
      expect(whm.ledger.entries('Email::add_pop').filter(({ changed }) => changed)).toHaveLength(1);
    },
    stop: () => whm.stop(),
  };
});
