import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** What a domain under one suffix costs per year. Amounts are minor units. */
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

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
