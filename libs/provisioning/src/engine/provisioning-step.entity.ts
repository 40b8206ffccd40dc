import { Column, Entity, PrimaryColumn } from 'typeorm';

export type StepState =
  'pending' | 'intent' | 'waiting' | 'unknown' | 'completed' | 'skipped' | 'failed' | 'undoing' | 'compensated';

/** One step of a task. Changed only by `Journal`, guarded by `fence`. */
@Entity({ name: 'provisioning_steps' })
export class ProvisioningStep {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  taskId: string;

  @Column('text')
  name: string;

  @Column('integer')
  position: number;

  @Column('text', { default: 'pending' })
  state: StepState;

  /** Tries so far, counted before each. */
  @Column('integer', { default: 0 })
  attempt: number;

  /** Looks without a clear answer since the last try. */
  @Column('integer', { default: 0 })
  looks: number;

  /** How often a look proved that an effect in doubt is not there. */
  @Column('integer', { default: 0 })
  absences: number;

  /** How often a worker died in it. */
  @Column('integer', { default: 0 })
  crashes: number;

  @Column('integer', { default: 0 })
  undoAttempt: number;

  /** Raised by every claim; a write that carries an older one hits no row. */
  @Column('bigint', { default: 0 })
  fence: string;

  /** By the database's clock. */
  @Column('timestamptz', { nullable: true })
  leaseUntil: Date | null;

  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  @Column('text', { nullable: true })
  worker: string | null;

  /** Name of the connection that it went through. */
  @Column('text', { nullable: true })
  connection: string | null;

  @Column('jsonb', { nullable: true })
  output: unknown;

  /** How we know that it took effect: `acted`, or `found` by a look. Before that: `absent`, noted before the first try. */
  @Column('jsonb', { nullable: true })
  evidence: Record<string, unknown> | null;

  /** What it has to know when it goes on, such as the vendor's reference; given with its last `Pending`. Gone once it failed. */
  @Column('jsonb', { nullable: true })
  note: unknown;

  /** What an operator says he did by hand in its place, until the engine has recorded it. */
  @Column('jsonb', { nullable: true })
  given: Record<string, unknown> | null;

  /** Why it was skipped or sleeps. */
  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { nullable: true })
  errorCode: string | null;

  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
