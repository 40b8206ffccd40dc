import { describe, expect, it } from '@jest/globals';
import {
  CouponRefusedError,
  DomainRefusedError,
  TermNotOfferedError,
  TrialNotOfferedError,
} from './checkout.errors.js';
import { buildQuote, type Offer, type QuoteRequest } from './quote.js';

const plan = (over: Partial<Offer['product']> = {}, price: Partial<Offer['price']> = {}): Offer => ({
  product: { id: 'p1', slug: 'basic', name: 'Basic', type: 'hosting', trialDays: 14, ...over },
  price: {
    id: 'r1',
    billingCycle: 'monthly',
    currency: 'USD',
    amount: 999,
    setupFee: 0,
    stripePriceId: null,
    ...price,
  },
});
const mail = plan({ id: 'p2', slug: 'mail', name: 'Mail', type: 'email' }, { id: 'r2', amount: 199 });
const com = { currency: 'USD', registerAmount: 1299, transferAmount: 1099 };
const percent = { code: 'WELCOME10', percentOff: 10, amountOff: null, currency: null };
const quote = (over: Partial<QuoteRequest> = {}) => buildQuote({ ...plan(), ...over });

describe('buildQuote', () => {
  it('quotes a plan at its price', () => {
    const { lines, ...rest } = quote();
    expect(rest).toMatchObject({
      cycle: 'monthly',
      currency: 'USD',
      subtotal: 999,
      discount: 0,
      total: 999,
      recurringTotal: 999,
    });
    expect(lines).toEqual([
      {
        kind: 'plan',
        description: 'Basic',
        productId: 'p1',
        priceId: 'r1',
        productType: 'hosting',
        unitAmount: 999,
        quantity: 1,
        recurring: true,
      },
    ]);
  });

  it('takes a percentage off everything that is due now, rounded to the cent', () => {
    expect(quote({ coupon: percent })).toMatchObject({ subtotal: 999, discount: 100, total: 899, recurringTotal: 999 });
  });

  it('never takes more off than is due', () => {
    const coupon = { code: 'GIFT', percentOff: null, amountOff: 5000, currency: 'USD' };
    expect(quote({ coupon })).toMatchObject({ discount: 999, total: 0 });
  });

  it('refuses an amount in another currency', () => {
    const coupon = { code: 'EURO', percentOff: null, amountOff: 500, currency: 'EUR' };
    expect(() => quote({ coupon })).toThrow(CouponRefusedError);
  });

  it('adds add-ons, setup fees and the domain, and repeats only what recurs', () => {
    const built = quote({
      ...plan({}, { setupFee: 500 }),
      addons: [mail],
      domain: { name: 'shop.com', mode: 'new_registration', tldPrice: com },
    });
    expect(built.lines.map(({ kind, unitAmount, recurring }) => [kind, unitAmount, recurring])).toEqual([
      ['plan', 999, true],
      ['setup', 500, false],
      ['addon', 199, true],
      ['domain', 1299, false],
    ]);
    expect(built).toMatchObject({ subtotal: 2997, total: 2997, recurringTotal: 1198 });
  });

  it('charges a transfer at its own price and nothing for a domain that stays where it is', () => {
    expect(quote({ domain: { name: 'shop.com', mode: 'transfer', tldPrice: com } }).total).toBe(999 + 1099);
    expect(quote({ domain: { name: 'shop.com', mode: 'external' } })).toMatchObject({
      total: 999,
      domain: { name: 'shop.com', mode: 'external' },
    });
  });

  it('refuses domains that are not sold, in this currency or at all', () => {
    expect(() => quote({ domain: { name: 'shop.zz', mode: 'new_registration' } })).toThrow(DomainRefusedError);
    const euros = { ...com, currency: 'EUR' };
    expect(() => quote({ domain: { name: 'shop.com', mode: 'transfer', tldPrice: euros } })).toThrow(
      DomainRefusedError,
    );
  });

  it('refuses to sell a domain product without a domain', () => {
    expect(() => quote(plan({ type: 'domain' }))).toThrow(DomainRefusedError);
  });

  it('charges only what does not recur while a trial runs', () => {
    const domain = { name: 'shop.com', mode: 'new_registration', tldPrice: com } as const;
    expect(quote({ trial: true, domain, coupon: percent })).toMatchObject({
      subtotal: 1299,
      discount: 130,
      total: 1169,
      recurringTotal: 999,
      trialDays: 14,
    });
  });

  it('refuses a trial where there is none', () => {
    expect(() => quote({ ...plan({ trialDays: null }), trial: true })).toThrow(TrialNotOfferedError);
    expect(() => quote({ ...plan({}, { billingCycle: 'one_time' }), trial: true })).toThrow(TrialNotOfferedError);
  });

  it('refuses an add-on in another rhythm', () => {
    expect(() => quote({ addons: [plan({}, { billingCycle: 'annually' })] })).toThrow(TermNotOfferedError);
  });

  it('adds up for every mix of lines', () => {
    for (let index = 0; index < 64; index += 1) {
      const built = quote({
        ...plan({}, { setupFee: index % 3 === 0 ? 0 : index * 7, amount: index * 13 }),
        addons: index % 2 === 0 ? [] : [mail],
        ...(index % 5 === 0 ? {} : { coupon: percent }),
        trial: index % 4 === 0,
      });
      const due = built.lines.filter((line) => !(built.trialDays !== undefined && line.recurring));
      expect(built.subtotal).toBe(due.reduce((sum, line) => sum + line.unitAmount * line.quantity, 0));
      expect(built.total).toBe(built.subtotal - built.discount);
      expect(built.total).toBeGreaterThanOrEqual(0);
    }
  });
});
