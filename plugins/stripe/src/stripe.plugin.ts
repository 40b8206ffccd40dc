import { adapterFor, paymentPort, Plugin } from '@keelson/core';
import { StripeAdapter } from './stripe.adapter.js';
import { StripeClient } from './stripe.client.js';
import { StripeSettings } from './stripe.config.js';

/** Payment pages, subscriptions and refunds through Stripe. */
@Plugin({
  id: 'stripe',
  title: 'Stripe',
  version: '0.1.0',
  settings: StripeSettings,
  adapters: [
    adapterFor(paymentPort, {
      portVersion: 1,
      settings: StripeSettings,
      capabilities: ['disputes'],
      create: (settings, { clock }) => new StripeAdapter(new StripeClient(settings), settings, clock),
    }),
  ],
})
export class StripePlugin {}
