import type { PortId, ProductType } from '@keelson/core';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { ConnectionSource } from './connection.entity.js';

/**
 * Which connection serves a port: for one product, for a product type, or, with neither, for all that do not say otherwise.
 * Several rows of one place are a pool.
 */
@Entity({ name: 'bindings' })
export class Binding {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text', { nullable: true })
  productType: ProductType | null;

  @Column('uuid', { nullable: true })
  productId: string | null;

  @Column('text')
  port: PortId;

  /** Null switches the port off in this place. */
  @Column('uuid', { nullable: true })
  connectionId: string | null;

  /** Order within a pool, smallest first. */
  @Column('integer', { default: 0 })
  position: number;

  @Column('text')
  source: ConnectionSource;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
