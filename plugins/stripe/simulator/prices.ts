import { invalid } from './api-error.js';
import { fieldsIn, integerOf, textOf, type Fields } from './form-fields.js';
import type { Price, Product, Recurring } from './stripe-objects.js';
import type { StripeStore } from './stripe-store.js';

/**
 * The price that a line names, or the one that its `price_data` makes.
 * @param inlineProduct whether `price_data` may describe a product; elsewhere it must name one
 */
export function priceOf(store: StripeStore, line: Fields, param: string, inlineProduct: boolean): Price {
  const named = textOf(line.price);
  if (named !== undefined) return store.get<Price>('price', named, `${param}[price]`);
  if (line.price_data === undefined) {
    throw invalid(`You must specify either 'price' or 'price_data' for ${param}.`, param, 'parameter_missing');
  }
  return makePrice(store, fieldsIn(line.price_data), `${param}[price_data]`, inlineProduct);
}

export function makePrice(store: StripeStore, data: Fields, param: string, inlineProduct: boolean): Price {
  const currency = textOf(data.currency);
  if (currency === undefined || !/^[a-z]{3}$/.test(currency))
    throw invalid(`Invalid currency: ${currency ?? ''}`, `${param}[currency]`);
  const amount = integerOf(data.unit_amount, `${param}[unit_amount]`);
  if (amount === undefined)
    throw invalid(`Missing required param: ${param}[unit_amount].`, `${param}[unit_amount]`, 'parameter_missing');
  const recurring = data.recurring === undefined ? null : recurringOf(fieldsIn(data.recurring), `${param}[recurring]`);
  return store.put<Price>({
    ...store.head('price', 'price'),
    active: true,
    currency,
    unit_amount: amount,
    unit_amount_decimal: String(amount),
    type: recurring === null ? 'one_time' : 'recurring',
    recurring,
    product: productOf(store, data, param, inlineProduct).id,
    metadata: {},
  });
}

function productOf(store: StripeStore, data: Fields, param: string, inlineProduct: boolean): Product {
  const named = textOf(data.product);
  if (named !== undefined) return store.get<Product>('product', named, `${param}[product]`);
  if (!inlineProduct)
    throw invalid(`Missing required param: ${param}[product].`, `${param}[product]`, 'parameter_missing');
  return makeProduct(store, fieldsIn(data.product_data), `${param}[product_data]`);
}

export function makeProduct(store: StripeStore, fields: Fields, param: string): Product {
  const name = textOf(fields.name);
  if (name === undefined)
    throw invalid(`Missing required param: ${param}[name].`, `${param}[name]`, 'parameter_missing');
  const head = store.head('product', 'prod');
  return store.put<Product>({
    ...head,
    id: textOf(fields.id) ?? head.id,
    name,
    description: textOf(fields.description) ?? null,
    active: true,
    metadata: {},
  });
}

const longest: Record<Recurring['interval'], number> = { day: 1095, week: 156, month: 36, year: 3 };

function recurringOf(fields: Fields, param: string): Recurring {
  const interval = textOf(fields.interval);
  if (interval !== 'day' && interval !== 'week' && interval !== 'month' && interval !== 'year') {
    throw invalid(`Invalid ${param}[interval]: must be one of day, month, week, or year`, `${param}[interval]`);
  }
  const count = integerOf(fields.interval_count, `${param}[interval_count]`, 1) ?? 1;
  if (count > longest[interval])
    throw invalid('Billing intervals can be three years at most.', `${param}[interval_count]`);
  return { interval, interval_count: count };
}

/** The end of the period that begins at `start`; months keep the day of the anchor where they have it. */
export function periodEnd(start: number, { interval, interval_count: count }: Recurring, anchor: number): number {
  const date = new Date(start * 1000);
  if (interval === 'day' || interval === 'week') {
    date.setUTCDate(date.getUTCDate() + count * (interval === 'week' ? 7 : 1));
    return date.getTime() / 1000;
  }
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count * (interval === 'year' ? 12 : 1));
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(new Date(anchor * 1000).getUTCDate(), daysInMonth));
  return date.getTime() / 1000;
}
