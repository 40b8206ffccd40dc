import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** What a person may do: everything, run the shop, or see what is their own. */
export type UserRole = 'admin' | 'operator' | 'customer';

/** Somebody who signs in. */
@Entity({ name: 'users' })
export class User {
  @PrimaryColumn('uuid')
  id: string;

  /** Unique whatever its case; stored in lower case. */
  @Column('text')
  email: string;

  /** PHC string; see `PasswordHasher`. */
  @Column('text', { select: false })
  passwordHash: string;

  @Column('text')
  role: UserRole;

  @Column('text', { default: 'active' })
  status: 'active' | 'disabled';

  /** Set with a temporary password. */
  @Column('boolean', { default: false })
  mustChangePassword: boolean;

  /** Raised to end every session of the user. */
  @Column('integer', { default: 0 })
  tokenVersion: number;

  /** In a row, since the last good one. */
  @Column('integer', { default: 0 })
  failedLogins: number;

  /** No login is tried before. */
  @Column('timestamptz', { nullable: true })
  loginAllowedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  lastLoginAt: Date | null;

  /** SHA-256 of the token that resets the password, hexadecimal. */
  @Column('text', { nullable: true, select: false })
  resetTokenHash: string | null;

  @Column('timestamptz', { nullable: true })
  resetExpiresAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
