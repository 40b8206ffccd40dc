import { expect } from '@jest/globals';
import { paymentPort } from '@keelson/core';
import { describePaymentAdapter, describeTransportFaults } from '@keelson/testing';
import { environmentOf, purchase, startStripe } from './stripe-environment.js';

describePaymentAdapter('stripe', environmentOf);

describeTransportFaults('stripe', async () => {
  const { adapter, simulator } = await startStripe();
  return {
    port: paymentPort,
    adapter,
    capabilities: ['disputes'] as const,
    faults: simulator.faults,
    secrets: [String(simulator.settings.secretKey), String(simulator.settings.webhookSecret)],
    read: (one) => one.testConnection(),
    act: (one) => one.createCheckout(purchase),
    acting: 'POST /v1/checkout/sessions',
    verifyActedOnce: async () => {
      const headers = { authorization: `Bearer ${String(simulator.settings.secretKey)}` };
      const answer = await fetch(`${String(simulator.settings.apiBase)}/v1/checkout/sessions`, { headers });
      expect(((await answer.json()) as { data: unknown[] }).data).toHaveLength(1);
    },
    stop: () => simulator.stop(),
  };
});
