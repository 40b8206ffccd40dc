import { describe, expect, it } from '@jest/globals';
import { PortError, type PaymentPort } from '@keelson/core';
import { MemoryPaymentVendor } from '../memory/memory-payment-vendor.js';
import { MemoryPaymentAdapter } from '../memory/memory-payment.adapter.js';
import { failingCases } from './conformance-cases.js';
import type { PaymentEnvironment } from './payment-environment.js';
import { describePaymentAdapter, paymentCases } from './payment.conformance.js';

/** The memory adapter as an environment, with some of its methods replaced. */
async function environmentOf(
  broken: (memory: MemoryPaymentAdapter, vendor: MemoryPaymentVendor) => Partial<PaymentPort> & object = () => ({}),
): Promise<PaymentEnvironment> {
  const vendor = new MemoryPaymentVendor();
  const memory = new MemoryPaymentAdapter(vendor);
  const adapter = Object.assign(Object.create(memory) as MemoryPaymentAdapter, broken(memory, vendor));
  const wrong = { accessKey: 'key-of-somebody-else', webhookSecret: 'secret-of-somebody-else' };
  return {
    adapter,
    withWrongCredentials: new MemoryPaymentAdapter(vendor, wrong),
    capabilities: ['disputes'],
    vendor: {
      pay: async (id) => vendor.pay(id),
      expire: async (id) => vendor.expire(id),
      dispute: async (id) => vendor.dispute(id),
      webhook: (about, signedAt) => vendor.webhook(about, signedAt),
    },
    secrets: [vendor.accessKey, vendor.webhookSecret, wrong.accessKey, wrong.webhookSecret],
    stop: async () => undefined,
  };
}

describePaymentAdapter('memory', () => environmentOf());

describe('the suite of the payment port catches', () => {
  const failing = (broken: Parameters<typeof environmentOf>[0]) =>
    failingCases(paymentCases, () => environmentOf(broken));

  it('an adapter with a method whose capability it does not declare', async () => {
    expect(await failing(() => ({ calculatesTax: async () => true }))).toEqual([
      'has the methods of the capabilities it declares, and of no others',
    ]);
  });

  it('an adapter that answers a repetition with the page as it was made', async () => {
    const forgetful = (memory: MemoryPaymentAdapter): Partial<PaymentPort> => {
      const made = new Map<string, Awaited<ReturnType<PaymentPort['createCheckout']>>>();
      return {
        createCheckout: async (spec) => {
          const checkout = await memory.createCheckout(spec);
          made.set(spec.reference, made.get(spec.reference) ?? checkout);
          return made.get(spec.reference) ?? checkout;
        },
      };
    };
    expect(await failing(forgetful)).toEqual(['shows a repeated page as it is now, not as it was made']);
  });

  it('an adapter that takes webhooks from the future', async () => {
    const credulous = (memory: MemoryPaymentAdapter, vendor: MemoryPaymentVendor): Partial<PaymentPort> => ({
      parseWebhook: async (body, headers) => {
        const at = Number(/^\d+/.exec(headers['memory-signature'] ?? '')?.[0]);
        const original = vendor.webhook(undefined, new Date(at));
        const { type } = await memory.parseWebhook(body, headers).catch((thrown: unknown) => {
          if (at > Date.now() && original.headers['memory-signature'] !== undefined) return { type: 'future' };
          throw thrown;
        });
        if (type !== 'future') return memory.parseWebhook(body, headers);
        return { id: 'event', type, createdAt: new Date(at), live: false };
      },
    });
    expect(await failing(credulous)).toEqual(['refuses a webhook from more than 300 s in the future']);
  });

  it('an adapter that gives back what is left when more is asked', async () => {
    const generous = (memory: MemoryPaymentAdapter): Partial<PaymentPort> => ({
      refund: async (spec) => {
        try {
          return await memory.refund(spec);
        } catch (thrown) {
          const { amount, refunded } = await memory.getPayment(spec.vendorPaymentId);
          const left = amount.amount - refunded;
          if (!(thrown instanceof PortError) || thrown.code !== 'wrong-state' || (spec.amount ?? 0) <= left)
            throw thrown;
          return memory.refund({ ...spec, amount: left });
        }
      },
    });
    expect(await failing(generous)).toEqual(['refuses to give back more than is left as wrong-state']);
  });
});
