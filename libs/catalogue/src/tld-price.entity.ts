import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** What a domain under one suffix costs per year: what we ask, and what the registrar asks us. Amounts are minor units. */
@Entity({ name: 'tld_prices' })
export class TldPrice {
  @PrimaryColumn('uuid')
  id: string;

  /** Suffix in A-labels, lower case, without a leading dot: `com`, `co.uk`. */
  @Column('text')
  tld: string;

  @Column('text')
  currency: string;

  @Column('integer')
  registerAmount: number;

  @Column('integer')
  renewAmount: number;

  @Column('integer')
  transferAmount: number;

  /** Of the costs, which may be another than that of the prices. They are all known or none is; see `TldCosts`. */
  @Column('text', { nullable: true })
  costCurrency: string | null;

  @Column('integer', { nullable: true })
  registerCost: number | null;

  @Column('integer', { nullable: true })
  renewCost: number | null;

  @Column('integer', { nullable: true })
  transferCost: number | null;

  /** When the registrar named them. */
  @Column('timestamptz', { nullable: true })
  costsAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
