import { expect } from '@jest/globals';
import { provisionerPort, type AccountSpec } from '@keelson/core';
import {
  describeProvisionerAdapter,
  describeTransportFaults,
  describeWritten,
  pluginUnderTest,
} from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { DirectAdminPlugin } from '../src/index.js';

const { port, capabilities, adapterWith, withWrongSecrets, secretsIn } = pluginUnderTest(
  DirectAdminPlugin,
  provisionerPort,
);

const creation = 'CMD_API_ACCOUNT_USER';
const spec: AccountSpec = {
  username: 'k9faulty',
  domain: 'k9.faults.example',
  package: 'starter',
  email: 'owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_faults',
};

describeWritten('directadmin', import.meta.url);

describeProvisionerAdapter('directadmin', capabilities, async () => {
  const panel = await startSimulator();
  return {
    adapter: adapterWith(panel.settings),
    withWrongCredentials: adapterWith(withWrongSecrets(panel.settings)),
    forgetsReasons: true,
    packages: ['starter', 'basic'],
    loseNextCreation: () => panel.faults.set({ kind: 'drop-after', match: creation, times: 1 }),
    slowDown: (milliseconds) => panel.faults.set({ kind: 'latency', value: milliseconds }),
    secrets: secretsIn(panel.settings),
    stop: () => panel.stop(),
  };
});

describeTransportFaults<typeof provisionerPort>('directadmin', async () => {
  const panel = await startSimulator();
  return {
    port,
    adapter: adapterWith(panel.settings),
    capabilities,
    faults: panel.faults,
    secrets: [...secretsIn(panel.settings), spec.password],
    read: (adapter) => adapter.findAccount({ username: spec.username }),
    act: (adapter) => adapter.ensureAccount(spec),
    acting: creation,
    verifyActedOnce: async () => {
      expect(panel.user(spec.username)).toMatchObject({ domain: spec.domain, email: spec.email });
      expect(panel.ledger.entries(creation).filter(({ changed }) => changed)).toHaveLength(1);
    },
    stop: () => panel.stop(),
  };
});
