import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A proof that a site of ours shows to a certificate authority (RFC 8555 §8.3). Any process of the API serves it. */
@Entity({ name: 'http_challenges' })
export class HttpChallenge {
  /** `/.well-known/acme-challenge/<token>`; the token cannot be guessed and is used once. */
  @PrimaryColumn('text')
  path: string;

  @Column('uuid')
  serviceId: string;

  @Column('text')
  body: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
