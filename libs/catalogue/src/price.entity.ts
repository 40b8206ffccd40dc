import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { BillingCycle } from './billing-cycle.js';

/** What a product costs per cycle in one currency. At most one active price per product, cycle and currency. */
@Entity({ name: 'prices' })
export class Price {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  productId: string;

  @Column('text')
  billingCycle: BillingCycle;

  /** ISO 4217, upper case. */
  @Column('text')
  currency: string;

  /** Minor units per cycle. */
  @Column('integer')
  amount: number;

  /** Minor units, once. */
  @Column('integer', { default: 0 })
  setupFee: number;

  /** Price kept at the payment provider, used instead of the amount when present. */
  @Column('text', { nullable: true })
  stripePriceId: string | null;

  @Column('boolean', { default: true })
  active: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
