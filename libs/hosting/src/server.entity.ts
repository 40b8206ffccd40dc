import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A machine on which accounts are made: a provisioner connection with a capacity. */
@Entity({ name: 'servers' })
export class Server {
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

  @Column('text', { unique: true })
  name: string;

  @Column('uuid')
  connectionId: string;

  /** Products name the group whose servers they may use. */
  @Column('text', { default: 'default' })
  serverGroup: string;

  @Column('text', { nullable: true })
  hostname: string | null;

  @Column('text', { nullable: true })
  region: string | null;

  @Column('text', { array: true, default: [] })
  nameservers: string[];

  /** Accounts it may hold. */
  @Column('integer')
  capacity: number;

  /** Slots taken. Changed only by `ServerSlots`. */
  @Column('integer', { default: 0 })
  used: number;

  @Column('boolean', { default: true })
  isActive: boolean;

  @Column('boolean', { default: true })
  isOnline: boolean;

  @Column('timestamptz', { nullable: true })
  checkedAt: Date | null;

  @Column('jsonb', { default: {} })
  metadata: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
