import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction, newId } from '@keelson/database';
import { catalogueFixture, type CatalogueFixture } from '../test/catalogue-fixture.js';
import { Coupon } from './coupon.entity.js';

let fixture: CatalogueFixture;

beforeAll(async () => {
  fixture = await catalogueFixture();
});
afterAll(() => fixture.close());

const add = (coupon: Partial<Coupon>) =>
  fixture.dataSource.manager.insert(Coupon, { id: newId(), percentOff: 10, ...coupon });
const redeem = (code: string) => inTransaction(fixture.dataSource, (manager) => fixture.coupons.redeem(manager, code));

describe('CouponsService', () => {
  it('never lets a coupon be used more often than it allows, however many orders try at once', async () => {
    await add({ code: 'THREE', maximumRedemptions: 3 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => redeem('three')));
    expect(outcomes.filter(Boolean)).toHaveLength(3);
    expect(await fixture.coupons.findValid('THREE')).toBeUndefined();
  });

  it('gives a use back when the order rolls back', async () => {
    await add({ code: 'ONCE', maximumRedemptions: 1 });
    const order = inTransaction(fixture.dataSource, async (manager) => {
      await fixture.coupons.redeem(manager, 'ONCE');
      throw new Error('the order failed');
    });
    await expect(order).rejects.toThrow('the order failed');
    expect((await fixture.coupons.findValid('ONCE'))?.timesRedeemed).toBe(0);
    expect(await redeem('ONCE')).toBe(true);
  });

  it('takes neither expired nor inactive nor unknown codes', async () => {
    await add({ code: 'PAST', expiresAt: new Date(Date.now() - 1000) });
    await add({ code: 'OFF', active: false });
    await add({ code: 'FUTURE', expiresAt: new Date(Date.now() + 60_000) });
    const codes = ['PAST', 'OFF', 'NOBODY', ' future '];
    expect(await Promise.all(codes.map(async (code) => (await fixture.coupons.findValid(code))?.code))).toEqual([
      undefined,
      undefined,
      undefined,
      'FUTURE',
    ]);
    expect(await Promise.all(codes.map(redeem))).toEqual([false, false, false, true]);
  });
});
