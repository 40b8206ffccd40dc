import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** Who owns a row: the configuration file, which rewrites it at every boot, or an administrator. */
export type ConnectionSource = 'config' | 'admin';

/** A configured account at a vendor. */
@Entity({ name: 'connections' })
export class Connection {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text', { unique: true })
  name: string;

  /** Id of the plugin. */
  @Column('text')
  plugin: string;

  /** Settings that are not secret. */
  @Column('jsonb')
  settings: Record<string, unknown>;

  /** Envelope over the secret settings as JSON. Never selected by default; read and written by `ConnectionsService` only. */
  @Column('text', { select: false })
  secrets: string;

  @Column('text')
  source: ConnectionSource;

  @Column('text', { default: 'enabled' })
  status: 'enabled' | 'disabled';

  @Column('timestamptz', { nullable: true })
  lastTestedAt: Date | null;

  /** Why the last test failed, for operators; null after a test that went well. */
  @Column('text', { nullable: true })
  lastError: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
