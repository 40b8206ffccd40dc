import { expect } from '@jest/globals';
import { registrarPort } from '@keelson/core';
import { describeRegistrarAdapter, describeTransportFaults } from '@keelson/testing';
import { nameSiloCapabilities } from '../src/index.js';
import { contact, environmentOf, startNameSilo } from './namesilo-environment.js';

describeRegistrarAdapter('namesilo', nameSiloCapabilities, environmentOf);

const order = {
  domain: 'faults.example',
  years: 1,
  contact,
  nameservers: ['ns1.names.example', 'ns2.names.example'],
  privacy: true,
  autoRenew: false,
};

describeTransportFaults<typeof registrarPort>('namesilo: registration', async () => {
  const { simulator, adapter } = await startNameSilo();
  return {
    port: registrarPort,
    adapter,
    capabilities: nameSiloCapabilities,
    faults: simulator.faults,
    secrets: [String(simulator.settings.apiKey)],
    read: (registrar) => registrar.getBalance(),
    act: (registrar) => registrar.registerDomain(order),
    acting: 'registerDomain',
    verifyActedOnce: async () => {
      expect(simulator.orders()).toEqual([{ operation: 'registerDomain', domain: order.domain, amount: 999 }]);
      expect(simulator.ledger.entries('registerDomain').filter(({ changed }) => changed)).toHaveLength(1);
    },
    stop: () => simulator.stop(),
  };
});

describeTransportFaults<typeof registrarPort>('namesilo: transfer', async () => {
  const { simulator, adapter } = await startNameSilo();
  simulator.registerElsewhere(order.domain, { authCode: 'secret-auth-code' });
  return {
    port: registrarPort,
    adapter,
    capabilities: nameSiloCapabilities,
    faults: simulator.faults,
    secrets: [String(simulator.settings.apiKey), 'secret-auth-code'],
    read: (registrar) => registrar.findDomain(order.domain),
    act: (registrar) => registrar.startTransfer(order.domain, 'secret-auth-code', contact),
    acting: 'transferDomain',
    verifyActedOnce: async () => {
      expect(simulator.orders()).toEqual([{ operation: 'transferDomain', domain: order.domain, amount: 899 }]);
    },
    stop: () => simulator.stop(),
  };
});
