import { fromPublicId, InvalidIdError, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { billingCycles, type BillingCycle } from './billing-cycle.js';
import { Price } from './price.entity.js';
import { ProductAlias } from './product-alias.entity.js';
import { Product } from './product.entity.js';
import { TldPrice } from './tld-price.entity.js';

/** Currency of everything that does not name another one. */
export const defaultCurrency = 'USD';

/** A product and what it costs, shortest cycle first. */
export interface Plan {
  product: Product;
  prices: Price[];
}

/** What is sold and what it costs. */
@Injectable()
export class ProductsService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The product with that id (UUID or `prod_…`), slug, alias or number, whatever its status; case does not matter. */
  async find(text: string): Promise<Product | undefined> {
    const { manager } = this.dataSource;
    const id = productId(text);
    if (id !== undefined) return (await manager.findOneBy(Product, { id })) ?? undefined;
    const slug = text.trim().toLowerCase();
    const product = await manager.findOneBy(Product, { slug });
    if (product !== null) return product;
    const alias = await manager.findOneBy(ProductAlias, { alias: slug });
    if (alias !== null) return (await manager.findOneBy(Product, { id: alias.productId })) ?? undefined;
    if (!/^[1-9]\d{0,8}$/.test(slug)) return undefined;
    return (await manager.findOneBy(Product, { number: Number(slug) })) ?? undefined;
  }

  /** The product of that slug; made, hidden and without a price, when there is none. Repeating it changes nothing. */
  async ensureHidden(spec: Pick<Product, 'slug' | 'name' | 'description' | 'type'>): Promise<Product> {
    await this.dataSource.query(
      `INSERT INTO products (id, slug, name, description, type, status) VALUES ($1, $2, $3, $4, $5, 'hidden')
       ON CONFLICT (slug) DO NOTHING`,
      [newId(), spec.slug, spec.name, spec.description, spec.type],
    );
    return this.dataSource.manager.findOneByOrFail(Product, { slug: spec.slug });
  }

  /** `find`, without products that are no longer sold. */
  async findForSale(text: string): Promise<Product | undefined> {
    const product = await this.find(text);
    return product?.status === 'retired' ? undefined : product;
  }

  /** Active products with at least one active price in the currency, in the order of the shop. */
  async listPlans(currency: string = defaultCurrency): Promise<Plan[]> {
    const { manager } = this.dataSource;
    const products = await manager.find(Product, {
      where: { status: 'active' },
      order: { position: 'ASC', slug: 'ASC' },
    });
    const prices = await manager.findBy(Price, {
      productId: In(products.map(({ id }) => id)),
      currency,
      active: true,
    });
    return products
      .map((product) => ({ product, prices: byLength(prices.filter((price) => price.productId === product.id)) }))
      .filter((plan) => plan.prices.length > 0);
  }

  /** Active prices of a product in the currency, shortest cycle first. */
  async listPrices(productId: string, currency: string = defaultCurrency): Promise<Price[]> {
    return byLength(await this.dataSource.manager.findBy(Price, { productId, currency, active: true }));
  }

  /** The active price for a cycle, or undefined when the product is not offered with it. */
  async findPrice(
    productId: string,
    billingCycle: BillingCycle,
    currency: string = defaultCurrency,
  ): Promise<Price | undefined> {
    const found = await this.dataSource.manager.findOneBy(Price, { productId, billingCycle, currency, active: true });
    return found ?? undefined;
  }

  /** What domains under the suffix (`com`, `co.uk`) cost, or undefined when they are not sold. */
  async findTldPrice(tld: string, currency: string = defaultCurrency): Promise<TldPrice | undefined> {
    return (await this.dataSource.manager.findOneBy(TldPrice, { tld: tld.toLowerCase(), currency })) ?? undefined;
  }

  listTldPrices(currency: string = defaultCurrency): Promise<TldPrice[]> {
    return this.dataSource.manager.find(TldPrice, { where: { currency }, order: { tld: 'ASC' } });
  }
}

function byLength(prices: readonly Price[]): Price[] {
  return prices.toSorted((a, b) => billingCycles.indexOf(a.billingCycle) - billingCycles.indexOf(b.billingCycle));
}

/** The key that the text is an id of; undefined when it must be a slug. */
function productId(text: string): string | undefined {
  try {
    return fromPublicId('prod', text.trim());
  } catch (error) {
    if (error instanceof InvalidIdError) return undefined;
    throw error;
  }
}
