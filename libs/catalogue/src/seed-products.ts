import type { ProductType } from '@keelson/core';
import type { BillingCycle } from './billing-cycle.js';

/** A product of the first catalogue. Amounts are US cents. */
export interface SeedProduct {
  slug: string;
  aliases?: string[];
  name: string;
  description: string;
  type: ProductType;
  features: string[];
  limits: Record<string, number>;
  packageName?: string;
  /** Servers that may hold it; `default` where nothing is said. */
  serverGroup?: string;
  trialDays?: number;
  prices: Partial<Record<BillingCycle, number>>;
  setupFee?: number;
}

/** The catalogue of a small hosting company, in the order of the shop. */
export const seedProducts: readonly SeedProduct[] = [
  {
    slug: 'starter',
    name: 'Starter',
    description: 'One small site, online today.',
    type: 'hosting',
    features: ['1 website', '5 GB storage', '5 mailboxes', '1 database', 'Free certificate'],
    limits: { websites: 1, diskMb: 5_120, mailboxes: 5, databases: 1 },
    packageName: 'starter',
    prices: { monthly: 799, annually: 7_999 },
  },
  {
    slug: 'student',
    aliases: ['shared_student'],
    name: 'Student',
    description: 'Room to learn at half the price.',
    type: 'hosting',
    features: ['1 website', '5 GB storage', '3 mailboxes', '2 databases', 'Free certificate'],
    limits: { websites: 1, diskMb: 5_120, mailboxes: 3, databases: 2 },
    packageName: 'student',
    prices: { monthly: 499, annually: 4_999 },
  },
  {
    slug: 'basic',
    name: 'Basic',
    description: 'Web hosting for a growing site.',
    type: 'hosting',
    features: ['3 websites', '10 GB storage', '10 mailboxes', '5 databases', 'Free certificate', 'Daily backup'],
    limits: { websites: 3, diskMb: 10_240, mailboxes: 10, databases: 5 },
    packageName: 'basic',
    prices: {
      monthly: 999,
      quarterly: 2_849,
      semiannually: 5_399,
      annually: 9_999,
      biennially: 18_999,
      triennially: 26_999,
    },
  },
  {
    slug: 'premium',
    name: 'Premium',
    description: 'More room and speed for busy sites.',
    type: 'hosting',
    features: ['10 websites', '30 GB storage', '50 mailboxes', '20 databases', 'Free certificate', 'Daily backup'],
    limits: { websites: 10, diskMb: 30_720, mailboxes: 50, databases: 20 },
    packageName: 'premium',
    trialDays: 14,
    prices: { monthly: 1_999, annually: 19_999, biennially: 37_999, triennially: 53_999 },
  },
  {
    slug: 'business',
    name: 'Business',
    description: 'For companies that live on their site.',
    type: 'hosting',
    features: ['50 websites', '100 GB storage', '200 mailboxes', '100 databases', 'Hourly backup', 'Phone support'],
    limits: { websites: 50, diskMb: 102_400, mailboxes: 200, databases: 100 },
    packageName: 'business',
    prices: { monthly: 3_999, annually: 39_999, biennially: 75_999, triennially: 107_999 },
  },
  {
    slug: 'wordpress',
    name: 'Managed WordPress',
    description: 'WordPress, installed and kept up to date.',
    type: 'wordpress',
    features: ['1 WordPress site', '20 GB storage', 'Automatic updates', 'Staging site', 'Daily backup'],
    limits: { websites: 1, diskMb: 20_480, mailboxes: 10, databases: 2 },
    packageName: 'wordpress',
    prices: { monthly: 1_499, annually: 14_999, biennially: 27_999 },
  },
  {
    slug: 'email',
    name: 'E-mail',
    description: 'Mail under your own domain.',
    type: 'email',
    features: ['10 mailboxes', '10 GB each', 'Spam filter', 'Web mail'],
    limits: { mailboxes: 10, mailboxMb: 10_240 },
    prices: { monthly: 299, annually: 2_999 },
  },
  {
    slug: 'storage',
    name: 'Storage',
    description: 'Files that are safe and close at hand.',
    type: 'storage',
    features: ['250 GB storage', 'WebDAV and SFTP', 'Versions for 30 days'],
    limits: { diskMb: 256_000 },
    prices: { monthly: 599, annually: 5_999 },
  },
  {
    slug: 'vps',
    name: 'VPS',
    description: 'A virtual server of your own.',
    type: 'vps',
    features: ['2 vCPU', '4 GB memory', '80 GB NVMe', 'Root access'],
    limits: { cpus: 2, memoryMb: 4_096, diskMb: 81_920 },
    serverGroup: 'vps',
    prices: { monthly: 2_499, quarterly: 7_199, annually: 26_999 },
    setupFee: 500,
  },
  {
    slug: 'domain',
    name: 'Domain registration',
    description: 'Your name on the net. Priced by its ending.',
    type: 'domain',
    features: ['DNS included', 'Private registration data', 'Transfer lock'],
    limits: {},
    prices: { annually: 0 },
  },
];

/** Suffix → [registration, renewal, transfer] per year in US cents. */
export const seedTldPrices: Readonly<Record<string, readonly [number, number, number]>> = {
  com: [1_299, 1_499, 1_299],
  net: [1_399, 1_599, 1_399],
  org: [1_199, 1_499, 1_199],
  io: [3_999, 4_999, 3_999],
  dev: [1_499, 1_699, 1_499],
  app: [1_599, 1_799, 1_599],
  info: [499, 1_999, 1_499],
  de: [799, 899, 799],
  eu: [799, 999, 799],
  'co.uk': [799, 999, 799],
  cloud: [999, 2_199, 1_999],
  online: [299, 2_999, 2_499],
};
