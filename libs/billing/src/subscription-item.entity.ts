import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { QuoteLineKind } from './quote.types.js';

/** One line of a subscription, as quoted. */
@Entity({ name: 'subscription_items' })
export class SubscriptionItem {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  subscriptionId: string;

  @Column('uuid')
  productId: string;

  @Column('uuid', { nullable: true })
  priceId: string | null;

  @Column('text', { default: 'plan' })
  kind: QuoteLineKind;

  @Column('text')
  description: string;

  /** Minor units, each. */
  @Column('integer')
  amount: number;

  @Column('integer', { default: 1 })
  quantity: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
