import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A verified message of a payment provider, kept as it came. It is a hint: the object is read again before anything is done. */
@Entity({ name: 'inbox_events' })
@Unique(['provider', 'eventId'])
export class InboxEvent {
  @PrimaryColumn('uuid')
  id: string;

  /** Plugin that the message is from. */
  @Column('text')
  provider: string;

  /** The connection whose secret verified it. */
  @Column('uuid', { nullable: true })
  connectionId: string | null;

  @Column('text')
  eventId: string;

  @Column('text')
  type: string;

  /** What to read again; null for events that are only kept. */
  @Column('text', { nullable: true })
  subjectKind: string | null;

  @Column('text', { nullable: true })
  subjectId: string | null;

  @Column('text')
  payload: string;

  /** `ignored`: nothing to do with us, or nothing we act on. `failed`: given up; a person looks. */
  @Column('text', { default: 'received' })
  state: 'received' | 'processed' | 'ignored' | 'failed';

  @Column('integer', { default: 0 })
  attempts: number;

  @Column('timestamptz', { nullable: true, default: () => 'now()' })
  nextAttemptAt: Date | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('timestamptz')
  occurredAt: Date;

  @Column('timestamptz', { default: () => 'now()' })
  receivedAt: Date;

  @Column('timestamptz', { nullable: true })
  processedAt: Date | null;
}
