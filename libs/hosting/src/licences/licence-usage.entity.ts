import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LicenceResource } from './licence.types.js';

/** How many of one resource a licence allows, and how many there are. Changed only by `LicenceQuotas`. */
@Entity({ name: 'licence_usage' })
export class LicenceUsage {
  @PrimaryColumn('uuid')
  licenceId: string;

  @PrimaryColumn('text')
  resource: LicenceResource;

  @Column('integer')
  maximum: number;

  /** What the panel reported; may exceed the maximum, because the panel reports what is there. */
  @Column('integer', { default: 0 })
  used: number;

  /** When each permission that is not reported as used yet runs out; those that ran out count no more. */
  @Column('timestamptz', { array: true, default: [] })
  holds: Date[];
}
