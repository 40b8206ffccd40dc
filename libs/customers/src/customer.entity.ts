import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

export type CustomerStatus = 'active' | 'inactive' | 'closed';

/** Postal address; every part is optional because clients send what they have. */
export interface CustomerAddress {
  line1?: string;
  line2?: string;
  city?: string;
  state?: string;
  postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
}

/** Somebody who buys. Has a user as soon as they may sign in. */
@Entity({ name: 'customers' })
export class Customer {
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

  @Column('uuid', { nullable: true, unique: true })
  userId: string | null;

  @Column('uuid', { nullable: true })
  tenantId: string | null;

  @Column('text')
  name: string;

  /** Unique whatever its case; stored in lower case. */
  @Column('text')
  email: string;

  @Column('text', { nullable: true })
  company: string | null;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('jsonb', { nullable: true })
  address: CustomerAddress | null;

  @Column('text', { default: 'active' })
  status: CustomerStatus;

  @Column('jsonb', { default: {} })
  metadata: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
