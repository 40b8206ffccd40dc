import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A key with which a program acts for a user. The key itself is shown once and not stored. */
@Entity({ name: 'api_keys' })
export class ApiKey {
  @PrimaryColumn('uuid')
  id: string;

  /** The part of the key that is not secret. */
  @Column('text', { unique: true })
  keyId: string;

  /** SHA-256 of the secret part, hexadecimal. */
  @Column('text', { select: false })
  secretHash: string;

  @Column('text')
  name: string;

  /** What it may do. */
  @Column('text', { array: true })
  scopes: string[];

  @Column('uuid')
  userId: string;

  /** Addresses and CIDR ranges it is accepted from; empty: from anywhere. */
  @Column('text', { array: true, default: [] })
  allowedIps: string[];

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** To the minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
