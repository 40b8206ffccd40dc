import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Area } from './reconcile.types.js';

/** One look at an area of a connection, however it ended. */
@Entity({ name: 'observations' })
export class Observation {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  connectionId: string;

  @Column('text')
  area: Area;

  @Column('timestamptz')
  startedAt: Date;

  @Column('timestamptz')
  endedAt: Date;

  /** The vendor answered to the end. Otherwise nothing was concluded from it. */
  @Column('boolean')
  complete: boolean;

  /** Complete, and yet not believed: see `suspicionOf`. */
  @Column('text', { nullable: true })
  suspicion: 'empty' | 'shrunk' | null;

  /** Things that the vendor listed. */
  @Column('integer', { nullable: true })
  listed: number | null;

  /** Things of ours that it should have listed. */
  @Column('integer', { nullable: true })
  believed: number | null;

  @Column('integer', { nullable: true })
  differences: number | null;

  @Column('text', { nullable: true })
  error: string | null;
}
