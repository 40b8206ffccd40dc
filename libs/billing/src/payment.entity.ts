import { Column, CreateDateColumn, Entity, PrimaryColumn, Unique, UpdateDateColumn } from 'typeorm';

export type PaymentStatus = 'succeeded' | 'processing' | 'failed' | 'cancelled' | 'requires_action';

/** Money that came in (or did not), once per payment at the provider. */
@Entity({ name: 'payments' })
@Unique(['provider', 'providerPaymentId'])
export class PaymentRecord {
  @PrimaryColumn('uuid')
  id: string;

  /** Plugin that took it. */
  @Column('text')
  provider: string;

  @Column('text')
  providerPaymentId: string;

  @Column('uuid', { nullable: true })
  customerId: string | null;

  @Column('uuid', { nullable: true })
  invoiceId: string | null;

  @Column('uuid', { nullable: true })
  checkoutSessionId: string | null;

  /** Minor units. */
  @Column('integer')
  amount: number;

  @Column('integer', { default: 0 })
  refundedAmount: number;

  @Column('text')
  currency: string;

  @Column('text')
  status: PaymentStatus;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
