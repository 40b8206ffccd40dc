import { describe, expect, it } from '@jest/globals';
import { filesBelow, read } from './repository.js';

const vendors =
  /[\w./-]*(?:cpanel|whm\b|namesilo|powerdns|lets-?encrypt|let's encrypt|nextpanel|stripe|nodemailer|directadmin|cloudflare)[\w./-]*/gi;

/** Columns that reports in the field read under these names, and the paths that clients call. Nothing else. */
const contract = new Set([
  ...[
    'stripe_customer_id',
    'stripe_subscription_id',
    'stripe_payment_intent_id',
    'stripe_session_id',
    'stripe_price_id',
  ],
  ...['stripeCustomerId', 'stripeSubscriptionId', 'stripePaymentIntentId', 'stripeSessionId', 'stripePriceId'],
  // invoices.stripe_invoice_id stands beside them, so that one report joins all.
  ...['stripe_invoice_id', 'stripeInvoiceId'],
  ...['/api/webhooks/stripe', '/webhooks/stripe', 'webhooks/stripe', 'api/webhooks/stripe'],
  ...['api/v1/nextpanel', '/api/v1/nextpanel', 'nextpanel_user_id'],
]);

/** The billing API v1 is about one panel: its plugin's id is named in one file, and nowhere else. */
const plugins = new Map([['apps/api/src/billing-v1/panel-contract.ts', 'nextpanel']]);

/** What remains of a mention when the way to it (`session.stripeSessionId`, `cs.stripe_session_id`) is taken off. */
const bare = (mention: string): string =>
  mention.replace(/^(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])/, '').replace(/[./]+$/, '');

describe('libs, the API and the worker', () => {
  it('name no vendor, beyond the columns and paths of the HTTP contracts', () => {
    const files = ['libs', 'apps/api', 'apps/worker']
      .flatMap(filesBelow)
      .filter((path) => /\.(ts|json|html|md)$/.test(path));
    const named = files.flatMap((path) =>
      [...read(path).matchAll(vendors)]
        .filter(([mention]) => !contract.has(bare(mention)) && plugins.get(path) !== bare(mention))
        .map(([mention]) => `${path}: ${mention}`),
    );
    expect(named).toEqual([]);
  });

  it('would not get away with a vendor', () => {
    const texts = [
      "import 'stripe'",
      'class CpanelWhmServer',
      'session.stripeCoupon',
      '/api/webhooks/powerdns',
      'nextpanel',
      '/api/v2/nextpanel',
      "Let's Encrypt",
      'whm',
    ];
    const caught = texts.filter((text) =>
      [...text.matchAll(vendors)].some(([mention]) => !contract.has(bare(mention))),
    );
    expect(caught).toEqual(texts);
    const columns = 'session.stripeSessionId, s.stripe_session_id. /api/webhooks/stripe';
    expect([...columns.matchAll(vendors)].map(([mention]) => contract.has(bare(mention)))).toEqual([true, true, true]);
  });
});
