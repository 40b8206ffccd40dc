import type { ProductType } from '@keelson/core';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** `hidden` is sold to those who know its name; `retired` is no longer sold. */
export type ProductStatus = 'active' | 'hidden' | 'retired';

/** Something that is sold. What it costs is in its prices. */
@Entity({ name: 'products' })
export class Product {
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

  /** Lower case; what clients order by. */
  @Column('text', { unique: true })
  slug: string;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  @Column('text')
  type: ProductType;

  /** Selling points, one line each. */
  @Column('jsonb', { default: [] })
  features: string[];

  /** What the plan allows, such as `{ diskMb: 10240, mailboxes: 10 }`. */
  @Column('jsonb', { default: {} })
  limits: Record<string, number>;

  /** Name of the package at the panel, for products that become an account. */
  @Column('text', { nullable: true })
  packageName: string | null;

  /** Group of servers on which it may be placed. */
  @Column('text', { default: 'default' })
  serverGroup: string;

  @Column('integer', { nullable: true })
  trialDays: number | null;

  @Column('text', { default: 'active' })
  status: ProductStatus;

  /** Place in lists, smallest first. */
  @Column('integer', { default: 0 })
  position: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
