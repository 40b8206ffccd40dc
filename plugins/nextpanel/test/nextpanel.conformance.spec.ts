import { expect } from '@jest/globals';
import { probeContext, provisionerPort, type AccountSpec } from '@keelson/core';
import { describeProvisionerAdapter, describeTransportFaults } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { capabilities } from '../src/index.js';
import { adapterOf, wrongKey } from './configs.js';

const creation = 'POST /api/v1/billing/accounts /';
const spec: AccountSpec = {
  username: 'k9faulty',
  domain: 'k9.faults.example',
  package: 'starter',
  email: 'owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_faults',
};

for (const manner of ['sparse', 'full'] as const) {
  describeProvisionerAdapter(`nextpanel, ${manner} answers`, capabilities, async () => {
    const panel = await startSimulator({ manner });
    return {
      adapter: adapterOf(panel),
      withWrongCredentials: adapterOf(panel, wrongKey),
      forgetsReasons: true,
      packages: ['starter', 'basic'],
      loseNextCreation: () => panel.faults.set({ kind: 'drop-after', match: creation, times: 1 }),
      slowDown: (value) => panel.faults.set({ kind: 'latency', value }),
      secrets: [String(panel.settings.apiKey), String(panel.settings.apiSecret), wrongKey.apiSecret],
      stop: () => panel.stop(),
    };
  });
}

describeTransportFaults('nextpanel', async () => {
  const panel = await startSimulator();
  const context = probeContext('under test');
  return {
    port: provisionerPort,
    adapter: adapterOf(panel, {}, context),
    capabilities,
    faults: panel.faults,
    secrets: [String(panel.settings.apiKey), String(panel.settings.apiSecret), spec.password],
    read: (adapter) => adapter.findAccount({ username: spec.username }),
    act: (adapter) => adapter.ensureAccount(spec),
    acting: creation,
    verifyActedOnce: async () => {
      expect(panel.account(spec.username)).toMatchObject({ email: spec.email, billingId: spec.externalId });
      expect(panel.ledger.entries('POST /api/v1/billing/accounts').filter(({ changed }) => changed)).toHaveLength(1);
    },
    stop: () => panel.stop(),
  };
});
