import { inTransaction, newId } from '@keelson/database';
import type { DataSource, EntityManager } from 'typeorm';
import { billingCycles } from './billing-cycle.js';
import { defaultCurrency } from './products.service.js';
import { seedProducts, seedTldPrices, type SeedProduct } from './seed-products.js';

/**
 * Fills an empty catalogue: ten products with their prices, domain endings, and the coupon `WELCOME10`. What is there already,
 * under the same slug, ending or code, stays as an operator left it, its prices included. Returns how many products were
 * added; 0 when repeated.
 */
export async function seedCatalogue(dataSource: DataSource): Promise<number> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [0x6b657364]);
    let added = 0;
    for (const [position, product] of seedProducts.entries()) {
      if (await addProduct(manager, product, position)) added += 1;
    }
    for (const [tld, [register, renew, transfer]] of Object.entries(seedTldPrices)) {
      await manager.query(
        `INSERT INTO tld_prices (id, tld, currency, register_amount, renew_amount, transfer_amount)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [newId(), tld, defaultCurrency, register, renew, transfer],
      );
    }
    await manager.query(
      `INSERT INTO coupons (id, code, percent_off) VALUES ($1, 'WELCOME10', 10) ON CONFLICT DO NOTHING`,
      [newId()],
    );
    return added;
  });
}

/** False when the slug is taken, as a product or as another one's alias. */
async function addProduct(manager: EntityManager, product: SeedProduct, position: number): Promise<boolean> {
  const id = newId();
  const inserted = await manager.query<unknown[]>(
    `INSERT INTO products (id, slug, name, description, type, features, limits, package_name, trial_days, position, server_group)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
     WHERE NOT EXISTS (SELECT FROM product_aliases WHERE alias = $2)
     ON CONFLICT DO NOTHING RETURNING id`,
    [
      id,
      product.slug,
      product.name,
      product.description,
      product.type,
      JSON.stringify(product.features),
      product.limits,
      product.packageName ?? null,
      product.trialDays ?? null,
      position,
      product.serverGroup ?? 'default',
    ],
  );
  if (inserted.length === 0) return false;
  for (const alias of product.aliases ?? []) {
    await manager.query('INSERT INTO product_aliases (alias, product_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      alias,
      id,
    ]);
  }
  for (const cycle of billingCycles) {
    const amount = product.prices[cycle];
    if (amount === undefined) continue;
    await manager.query(
      'INSERT INTO prices (id, product_id, billing_cycle, currency, amount, setup_fee) VALUES ($1, $2, $3, $4, $5, $6)',
      [newId(), id, cycle, defaultCurrency, amount, product.setupFee ?? 0],
    );
  }
  return true;
}
