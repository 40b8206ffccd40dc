import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPublicId } from '@keelson/database';
import { catalogueFixture, type CatalogueFixture } from '../test/catalogue-fixture.js';
import { seedCatalogue } from './seed-catalogue.js';

let fixture: CatalogueFixture;

beforeAll(async () => {
  fixture = await catalogueFixture();
  await Promise.all([seedCatalogue(fixture.dataSource), seedCatalogue(fixture.dataSource)]);
});
afterAll(() => fixture.close());

const counts = async () =>
  (
    await fixture.dataSource.query<Record<string, number>[]>(
      `SELECT (SELECT count(*)::int FROM products) AS products, (SELECT count(*)::int FROM prices) AS prices,
         (SELECT count(*)::int FROM tld_prices) AS tlds, (SELECT count(*)::int FROM coupons) AS coupons`,
    )
  )[0];

describe('seedCatalogue', () => {
  it('fills the catalogue once, even when two run at the same time', async () => {
    expect(await counts()).toEqual({ products: 10, prices: 29, tlds: 12, coupons: 1 });
  });

  it('keeps what an operator changed when it runs again', async () => {
    const before = await counts();
    await fixture.dataSource.query(`UPDATE prices SET amount = 1234 WHERE amount = 999`);
    await fixture.dataSource.query(`UPDATE prices SET active = false WHERE amount = 26999`);
    await fixture.dataSource.query(`UPDATE products SET name = 'Tiny' WHERE slug = 'starter'`);
    await fixture.dataSource.query(`UPDATE coupons SET active = false`);
    expect(await seedCatalogue(fixture.dataSource)).toBe(0);
    expect(await counts()).toEqual(before);
    expect((await fixture.products.find('starter'))?.name).toBe('Tiny');
    const basic = await fixture.products.find('basic');
    expect(
      (await fixture.products.listPrices(basic?.id ?? '')).map(({ billingCycle, amount }) => [billingCycle, amount]),
    ).toEqual([
      ['monthly', 1234],
      ['quarterly', 2849],
      ['semiannually', 5399],
      ['annually', 9999],
      ['biennially', 18999],
    ]);
    expect(await fixture.coupons.findValid('WELCOME10')).toBeUndefined();
    await fixture.dataSource.query(`UPDATE prices SET amount = 999 WHERE amount = 1234`);
  });
});

describe('ProductsService', () => {
  it('finds a product by UUID, public id, slug and alias in any case', async () => {
    const student = await fixture.products.find('student');
    const keys = [student?.id, toPublicId('prod', student?.id ?? ''), 'shared_student', ' Student '];
    const found = await Promise.all(keys.map((key) => fixture.products.find(key ?? '')));
    expect(found.map((product) => product?.slug)).toEqual(['student', 'student', 'student', 'student']);
  });

  it.each(['', 'nothing', 'prod_00000000000000000000000000', "x' OR 1=1 --"])('finds nothing for %p', async (text) => {
    expect(await fixture.products.find(text)).toBeUndefined();
  });

  it('lists active products in the order of the shop and leaves out those without a price in the currency', async () => {
    await fixture.dataSource.query(`UPDATE products SET status = 'hidden' WHERE slug = 'vps'`);
    const plans = await fixture.products.listPlans();
    expect(plans.map(({ product }) => product.slug)).toEqual([
      'starter',
      'student',
      'basic',
      'premium',
      'business',
      'wordpress',
      'email',
      'storage',
      'domain',
    ]);
    expect(plans[2]?.prices[0]).toMatchObject({ billingCycle: 'monthly', amount: 999, currency: 'USD' });
    expect(await fixture.products.listPlans('EUR')).toEqual([]);
  });

  it('still sells what is hidden, and no longer what is retired', async () => {
    expect((await fixture.products.findForSale('vps'))?.slug).toBe('vps');
    await fixture.dataSource.query(`UPDATE products SET status = 'retired' WHERE slug = 'vps'`);
    expect(await fixture.products.findForSale('vps')).toBeUndefined();
    expect((await fixture.products.find('vps'))?.slug).toBe('vps');
  });

  it('finds prices by cycle and by domain ending', async () => {
    const starter = await fixture.products.find('starter');
    expect((await fixture.products.findPrice(starter?.id ?? '', 'annually'))?.amount).toBe(7999);
    expect(await fixture.products.findPrice(starter?.id ?? '', 'triennially')).toBeUndefined();
    expect((await fixture.products.findTldPrice('CO.UK'))?.registerAmount).toBe(799);
    expect(await fixture.products.findTldPrice('nowhere')).toBeUndefined();
  });
});
