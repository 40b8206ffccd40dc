import { expect } from '@jest/globals';
import { describeProvisionerAdapter, describeTransportFaults } from '@keelson/testing';
import { provisionerPort, type AccountSpec } from '@keelson/core';
import { startSimulator } from '../simulator/index.js';
import { CpanelWhmProvisionerAdapter, provisionerCapabilities } from '../src/index.js';
import { configOf, wrongConfigOf } from './configs.js';

const spec: AccountSpec = {
  username: 'k9faulty',
  domain: 'k9.faults.example',
  package: 'starter',
  email: 'owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_faults',
};

describeProvisionerAdapter('cpanel-whm', provisionerCapabilities, async () => {
  const whm = await startSimulator();
  return {
    adapter: new CpanelWhmProvisionerAdapter(configOf(whm)),
    withWrongCredentials: new CpanelWhmProvisionerAdapter(wrongConfigOf(whm)),
    packages: ['starter', 'basic'],
    loseNextCreation: () => whm.faults.set({ kind: 'drop-after', match: 'createacct', times: 1 }),
    slowDown: (value) => whm.faults.set({ kind: 'latency', value }),
    secrets: [whm.settings.apiToken as string],
    stop: () => whm.stop(),
  };
});

describeTransportFaults('cpanel-whm: provisioner', async () => {
  const whm = await startSimulator();
  return {
    port: provisionerPort,
    adapter: new CpanelWhmProvisionerAdapter(configOf(whm)),
    capabilities: provisionerCapabilities,
    faults: whm.faults,
    secrets: [whm.settings.apiToken as string, spec.password],
    read: (adapter) => adapter.findAccount({ username: spec.username }),
    act: (adapter) => adapter.ensureAccount(spec),
    acting: 'createacct',
    verifyActedOnce: async () => {
      expect(whm.account(spec.username)).toMatchObject({ domain: spec.domain, email: spec.email });
      expect(whm.ledger.entries('createacct').filter(({ changed }) => changed)).toHaveLength(1);
    },
    stop: () => whm.stop(),
  };
});
