import { Column, CreateDateColumn, Entity, PrimaryColumn, Unique, UpdateDateColumn } from 'typeorm';

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';

/** What a customer owes or paid for one period. Numbered without gaps within its series. */
@Entity({ name: 'invoices' })
@Unique(['series', 'number'])
@Unique(['subscriptionId', 'periodStart'])
export class Invoice {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text', { default: 'INV' })
  series: string;

  @Column('integer')
  number: number;

  @Column('uuid')
  customerId: string;

  @Column('uuid', { nullable: true })
  subscriptionId: string | null;

  @Column('text', { nullable: true, unique: true })
  stripeInvoiceId: string | null;

  @Column('text')
  status: InvoiceStatus;

  @Column('text')
  currency: string;

  /** Minor units, as all amounts here. */
  @Column('integer')
  amountDue: number;

  @Column('integer', { default: 0 })
  amountPaid: number;

  @Column('integer', { default: 0 })
  amountTax: number;

  @Column('integer', { default: 0 })
  amountDiscount: number;

  @Column('timestamptz', { nullable: true })
  periodStart: Date | null;

  @Column('timestamptz', { nullable: true })
  periodEnd: Date | null;

  @Column('text', { nullable: true })
  hostedUrl: string | null;

  @Column('timestamptz')
  issuedAt: Date;

  @Column('timestamptz', { nullable: true })
  paidAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
