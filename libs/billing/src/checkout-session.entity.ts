import type { BillingCycle } from '@keelson/catalogue';
import type { SecretPlace } from '@keelson/core';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { DomainMode, Quote } from './quote.types.js';

/** `review`: paid, and held until a person decides. `rejected`: decided against; what was paid goes back. */
export const checkoutStatuses = ['open', 'completed', 'expired', 'review', 'failed', 'rejected'] as const;
export type CheckoutStatus = (typeof checkoutStatuses)[number];

/** The domain of an order. */
export interface DomainInfo {
  /** A-labels, lower case. */
  value: string;
  mode: DomainMode;
  /** Transfer code, encrypted; bound to the checkout's id. */
  sealedAuthCode?: string;
}

/** One attempt to buy: what was offered, where it is paid, and what became of it. */
@Entity({ name: 'checkout_sessions' })
export class CheckoutSession {
  /** Also the reference by which the payment provider knows it. */
  @PrimaryColumn('uuid')
  id: string;

  /** The payment provider's id; null until the page is made, and for orders that need none. */
  @Column('text', { nullable: true, unique: true })
  stripeSessionId: string | null;

  @Column('text', { nullable: true })
  stripeCustomerId: string | null;

  @Column('uuid', { nullable: true })
  subscriptionId: string | null;

  @Column('uuid', { nullable: true })
  customerId: string | null;

  @Column('uuid', { nullable: true })
  connectionId: string | null;

  @Column('text')
  email: string;

  @Column('text', { nullable: true })
  customerName: string | null;

  /** Of the password that the customer chose, until the user is made. */
  @Column('text', { nullable: true })
  passwordHash: string | null;

  /** Slug of the product. */
  @Column('text')
  productCode: string;

  @Column('text')
  billingCycle: BillingCycle;

  /** Minor units due now. */
  @Column('integer')
  amount: number;

  @Column('text')
  currency: string;

  @Column('text', { nullable: true })
  couponCode: string | null;

  @Column('jsonb', { nullable: true })
  domainInfo: DomainInfo | null;

  @Column('jsonb')
  quote: Quote;

  @Column('text')
  status: CheckoutStatus;

  /** Why a person has to look, for operators. Kept when it was decided. */
  @Column('text', { nullable: true })
  reviewReason: string | null;

  /** When it was decided about a held order; with it come who and why. */
  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  /** As in the audit log. */
  @Column('text', { nullable: true })
  decidedBy: string | null;

  @Column('text', { nullable: true })
  decisionReason: string | null;

  /** Why the money of a rejected order could not be given back when it was last tried. */
  @Column('text', { nullable: true })
  refundError: string | null;

  @Column('text', { nullable: true })
  url: string | null;

  /** When to ask the provider next, in case its message never comes; of a rejected order, when to give its money back. */
  @Column('timestamptz', { nullable: true })
  nextCheckAt: Date | null;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('jsonb', { default: {} })
  metadata: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  completedAt: Date | null;
}

/** Where the transfer code of an order is sealed for. */
export function authCodePlace(id: string): SecretPlace {
  return { table: 'checkout_sessions', column: 'domain_info', id };
}
