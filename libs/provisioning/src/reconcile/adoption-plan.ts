import { type Account, isDomain, normaliseDomain, normaliseEmail, type Package, type ProductType } from '@keelson/core';
import { isPackage } from '../lifecycle/account-match.js';

/** What the operator knows about an account. */
export interface AdoptionRow {
  username: string;
  /** Default: the first address that the panel shows. */
  email?: string;
  /** Of a new customer. Default: the address. */
  name?: string;
  /** Slug or alias. Default: the one product that is sold with the account's package. */
  product?: string;
}

export interface AdoptableProduct {
  id: string;
  slug: string;
  aliases: string[];
  type: ProductType;
  /** Name of its package at the panel. */
  package: string;
}

/** What is here already. */
export interface KnownToAdoption {
  /** User name on this server → its service. */
  services: ReadonlyMap<string, { serviceId: string; email: string }>;
  /** Live domains. */
  domains: ReadonlyMap<string, { email: string; serviceId: string | null }>;
  /** Addresses of customers, in lower case. */
  customers: ReadonlySet<string>;
  products: readonly AdoptableProduct[];
}

export interface AdoptionOptions {
  /** `csv`: only accounts in `rows`, for whom they say. `email`: every account, for whoever has its address at the panel. */
  match: 'email' | 'csv';
  rows?: readonly AdoptionRow[];
  /** Slug or alias for accounts whose package says nothing. */
  product?: string;
}

export interface AdoptedAccount {
  action: 'adopt';
  account: Account;
  username: string;
  /** Absent where the vendor tells none. */
  domain?: string;
  package: string;
  product: AdoptableProduct;
  customer: { email: string; name: string; isNew: boolean };
}

/** What becomes of one account. */
export type AdoptionDecision =
  | AdoptedAccount
  | { action: 'managed'; username: string; serviceId: string }
  | { action: 'left'; username: string; why: string }
  | { action: 'conflict'; username: string; why: string };

/** What hosting accounts can be sold as. */
const hostedTypes: readonly ProductType[] = ['hosting', 'wordpress', 'email', 'storage'];

/** Decides about every account of a panel, and every row that names one that is not there. Pure; nothing is taken from anybody. */
export function planAdoption(
  accounts: readonly Account[],
  packages: readonly Package[],
  known: KnownToAdoption,
  options: AdoptionOptions,
): AdoptionDecision[] {
  const rows = new Map((options.rows ?? []).map((row) => [row.username, row]));
  const customers = new Set(known.customers);
  const domains = new Map(known.domains);
  const decisions = accounts.map((account): AdoptionDecision => {
    const decision = decide(account, rows.get(account.username), packages, { ...known, customers, domains }, options);
    if (decision.action === 'adopt') {
      const { domain, customer } = decision;
      customers.add(customer.email);
      if (domain !== undefined) domains.set(domain, { email: customer.email, serviceId: account.username });
    }
    return decision;
  });
  const there = new Set(accounts.map(({ username }) => username));
  const absent = [...rows.keys()].filter((username) => !there.has(username));
  const why = 'the panel has no account of this name';
  return [...decisions, ...absent.map((username) => ({ action: 'conflict' as const, username, why }))];
}

function decide(
  account: Account,
  row: AdoptionRow | undefined,
  packages: readonly Package[],
  known: KnownToAdoption,
  options: AdoptionOptions,
): AdoptionDecision {
  const { username } = account;
  const conflict = (why: string): AdoptionDecision => ({ action: 'conflict', username, why });
  const owned = known.services.get(username);
  const email = emailOf(row?.email ?? account.email);
  if (owned !== undefined) {
    const other = row?.email !== undefined && email !== owned.email;
    return other
      ? conflict(`it is under management for ${owned.email} already`)
      : { action: 'managed', username, serviceId: owned.serviceId };
  }
  if (options.match === 'csv' && row === undefined)
    return { action: 'left', username, why: 'the list does not name it' };
  if (email === undefined) return conflict('no e-mail address is known for it: name one in a list');
  if (account.domain !== '' && !isDomain(account.domain)) {
    return conflict(`its domain ${account.domain} is not one that can be registered`);
  }
  const domain = account.domain === '' ? undefined : normaliseDomain(account.domain);
  const holder = domain === undefined ? undefined : known.domains.get(domain);
  if (holder !== undefined && (holder.serviceId !== null || holder.email !== email)) {
    return conflict(`its domain ${domain} belongs to ${holder.serviceId === null ? holder.email : 'another service'}`);
  }
  const product = productOf(account, row?.product ?? options.product, packages, known.products);
  if (typeof product === 'string') return conflict(product);
  return {
    ...{ action: 'adopt', account, username, product, package: account.package ?? product.package },
    ...(domain !== undefined && { domain }),
    customer: { email, name: row?.name ?? email, isNew: !known.customers.has(email) },
  };
}

/** The product, or why none can be chosen. */
function productOf(
  account: Account,
  wanted: string | undefined,
  packages: readonly Package[],
  products: readonly AdoptableProduct[],
): AdoptableProduct | string {
  if (wanted !== undefined) {
    const slug = wanted.trim().toLowerCase();
    const named = products.find((product) => product.slug === slug || product.aliases.includes(slug));
    if (named === undefined) return `there is no product "${wanted}"`;
    return hostedTypes.includes(named.type) ? named : `the product ${named.slug} is not sold with an account`;
  }
  const name = account.package;
  if (name === undefined) return 'the panel tells no package: name the product';
  const fitting = products.filter(
    (product) => hostedTypes.includes(product.type) && isPackage(product.package, name, packages),
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const which = fitting.length === 0 ? 'no product is' : `${fitting.map(({ slug }) => slug).join(' and ')} are`;
  return `${which} sold with its package ${name}: name the product`;
}

/** Panels keep several addresses in one text. */
function emailOf(text: string | undefined): string | undefined {
  for (const address of (text ?? '').split(/[\s,;]+/)) {
    try {
      return normaliseEmail(address);
    } catch {
      // The next one may be an address.
    }
  }
  return undefined;
}
