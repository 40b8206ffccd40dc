import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

export const taskStatuses = [
  'queued',
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'needs_attention',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** Of which a service has at most one task. */
export const openStatuses: TaskStatus[] = ['queued', 'running', 'waiting', 'needs_attention'];

/** One run of a recipe for a service. At most one per service is open, by constraint. */
@Entity({ name: 'provisioning_tasks' })
export class ProvisioningTask {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  recipe: string;

  /** The version that it began with, and finishes with. */
  @Column('integer')
  recipeVersion: number;

  /** What was asked for, such as `provision` or `suspend`. */
  @Column('text', { default: 'provision' })
  operation: string;

  /** Who asked, as in the audit log; null for what follows from a payment. */
  @Column('text', { nullable: true })
  requestedBy: string | null;

  @Column('uuid')
  serviceId: string;

  @Column('uuid')
  customerId: string;

  /** Frozen when the task began. */
  @Column('jsonb')
  input: Record<string, unknown>;

  @Column('text', { default: 'queued' })
  status: TaskStatus;

  @Column('text', { default: 'forward' })
  direction: 'forward' | 'undo';

  @Column('timestamptz', { nullable: true })
  cancelRequestedAt: Date | null;

  /** How often a worker took it up, counted before the work. */
  @Column('integer', { default: 0 })
  wakeCount: number;

  /** When the sweeper wakes it if nobody else does; null when nothing is due. */
  @Column('timestamptz', { nullable: true, default: () => 'now()' })
  nextWakeAt: Date | null;

  @Column('integer', { default: 0 })
  priority: number;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { nullable: true })
  errorCode: string | null;

  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  completedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
