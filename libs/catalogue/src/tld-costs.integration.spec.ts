import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { guardAdapter, registrarPort } from '@keelson/core';
import { dataSourceOptions } from '@keelson/database';
import { testDatabase } from '@keelson/testing/database';
import { MemoryRegistrar, MemoryRegistrarAdapter, memoryRegistrarCapabilities } from '@keelson/testing/memory';
import { DataSource } from 'typeorm';
import { catalogueEntities } from './catalogue.module.js';
import { ProductsService } from './products.service.js';
import { seedCatalogue } from './seed-catalogue.js';
import { TldCosts } from './tld-costs.service.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });

describe('costs of domains', () => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  let registrar: MemoryRegistrar;
  let costs: TldCosts;
  let products: ProductsService;

  beforeAll(async () => {
    const database = await testDatabase();
    drop = () => database.drop();
    dataSource = await new DataSource(dataSourceOptions({ url: database.url }, catalogueEntities)).initialize();
  }, 120_000);
  afterAll(async () => {
    await dataSource?.destroy();
    await drop?.();
  });
  beforeEach(async () => {
    await dataSource.query('TRUNCATE tld_prices, products, coupons CASCADE');
    await seedCatalogue(dataSource);
    registrar = new MemoryRegistrar();
    registrar.prices.splice(
      0,
      registrar.prices.length,
      { tld: 'com', register: usd(895), renew: usd(1_099), transfer: usd(895) },
      { tld: 'co.uk', register: usd(99_900), renew: usd(600), transfer: usd(0) },
      { tld: 'new', register: usd(1_001), renew: usd(1_500), transfer: usd(0) },
    );
    costs = new TldCosts(dataSource);
    products = new ProductsService(dataSource);
  });

  const adapter = (capabilities: readonly (typeof memoryRegistrarCapabilities)[number][] = ['price-list']) =>
    guardAdapter(new MemoryRegistrarAdapter(registrar), { port: registrarPort, capabilities, connection: 'r' });

  it('are stored beside the prices, which stay as they are', async () => {
    const before = await products.findTldPrice('com');
    const report = await costs.importPrices(adapter());
    expect(report).toMatchObject({ known: ['co.uk', 'com'], added: [], notSold: ['new'] });
    expect(await products.findTldPrice('com')).toMatchObject({
      registerAmount: before?.registerAmount,
      renewAmount: before?.renewAmount,
      costCurrency: 'USD',
      registerCost: 895,
      renewCost: 1_099,
      transferCost: 895,
      costsAt: expect.any(Date),
    });
    expect(await products.findTldPrice('new')).toBeUndefined();
  });

  it('tell what is sold below them, and what is sold without being for sale', async () => {
    const report = await costs.importPrices(adapter());
    expect(report.belowCost).toEqual([{ tld: 'co.uk', what: ['register'] }]);
    expect(report.notBought).toContain('org');
    expect(await products.findTldPrice('org')).toMatchObject({ costCurrency: null, registerCost: null, costsAt: null });
  });

  it('add endings with a markup, once, and at prices that do not move afterwards', async () => {
    expect((await costs.importPrices(adapter(), { markupPercent: 20 })).added).toEqual(['new']);
    expect(await products.findTldPrice('new')).toMatchObject({
      currency: 'USD',
      registerAmount: 1_299,
      renewAmount: 1_799,
      transferAmount: 0,
      registerCost: 1_001,
    });
    registrar.prices[2] = { tld: 'new', register: usd(2_000), renew: usd(2_000), transfer: usd(2_000) };
    const again = await costs.importPrices(adapter(), { markupPercent: 20 });
    expect(again).toMatchObject({
      added: [],
      belowCost: expect.arrayContaining([{ tld: 'new', what: ['register', 'renew', 'transfer'] }]),
    });
    expect(await products.findTldPrice('new')).toMatchObject({ registerAmount: 1_299, registerCost: 2_000 });
  });

  it('are kept when the list is empty, or the registrar shows none', async () => {
    await costs.importPrices(adapter());
    registrar.prices.length = 0;
    await expect(costs.importPrices(adapter())).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(costs.importPrices(adapter([]))).rejects.toMatchObject({ code: 'unsupported' });
    expect(await products.findTldPrice('com')).toMatchObject({ registerCost: 895 });
  });
});
