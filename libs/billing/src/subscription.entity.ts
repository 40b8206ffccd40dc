import type { BillingCycle } from '@keelson/catalogue';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

export type SubscriptionStatus =
  | 'pending_payment'
  | 'review'
  | 'trialing'
  | 'active'
  | 'past_due'
  | 'suspended'
  | 'paused'
  | 'cancelled'
  | 'expired'
  | 'refunded';

/** A customer's agreement to pay for a product, cycle after cycle. */
@Entity({ name: 'subscriptions' })
export class Subscription {
  @PrimaryColumn('uuid')
  id: string;

  /** Small number for clients that read integers. */
  @Column({
    type: 'integer',
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    insert: false,
    update: false,
    unique: true,
  })
  number: number;

  @Column('uuid')
  customerId: string;

  @Column('uuid')
  productId: string;

  @Column('uuid')
  priceId: string;

  @Column('text')
  status: SubscriptionStatus;

  @Column('text')
  billingCycle: BillingCycle;

  /** Minor units per cycle. */
  @Column('integer')
  amount: number;

  @Column('text')
  currency: string;

  @Column('timestamptz', { nullable: true })
  currentPeriodStart: Date | null;

  @Column('timestamptz', { nullable: true })
  currentPeriodEnd: Date | null;

  @Column('boolean', { default: false })
  cancelAtPeriodEnd: boolean;

  @Column('timestamptz', { nullable: true })
  cancelledAt: Date | null;

  /** Where it is paid. */
  @Column('uuid', { nullable: true })
  connectionId: string | null;

  @Column('text', { nullable: true })
  stripeCustomerId: string | null;

  @Column('text', { nullable: true, unique: true })
  stripeSubscriptionId: string | null;

  @Column('text', { nullable: true })
  stripePaymentIntentId: string | null;

  /** The payment provider's id of the checkout that began it. */
  @Column('text', { nullable: true })
  checkoutSessionId: string | null;

  /** Raised by every settlement, so that one which read before another wrote is noticed. */
  @Column('integer', { default: 0 })
  settledCount: number;

  @Column('jsonb', { default: {} })
  metadata: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
