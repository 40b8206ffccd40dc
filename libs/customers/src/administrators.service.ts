import { BootError, normaliseEmail } from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditService } from './audit.service.js';
import { PasswordHasher } from './password-hasher.service.js';
import { User } from './user.entity.js';

/** Makes sure that somebody can sign in. */
@Injectable()
export class Administrators {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditService,
  ) {}

  /**
   * Makes the first administrator. Does nothing when there is one, whatever the address: the password in use is never
   * replaced. Returns the address of the first administrator, and whether this call made them.
   * @throws BootError when the address belongs to somebody who is no administrator
   */
  async ensure(first: { email: string; password: string }): Promise<{ email: string; created: boolean }> {
    const known = await this.findFirst();
    if (known !== undefined) return { email: known, created: false };
    const email = normaliseEmail(first.email);
    const passwordHash = await this.hasher.hash(first.password);
    return inTransaction(this.dataSource, async (manager) => {
      const id = newId();
      const inserted = await manager.query<unknown[]>(
        `INSERT INTO users (id, email, password_hash, role) VALUES ($1, $2, $3, 'admin')
         ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
        [id, email, passwordHash],
      );
      if (inserted.length === 0) {
        const existing = await manager.findOneByOrFail(User, { email });
        if (existing.role === 'admin') return { email: existing.email, created: false };
        throw new BootError([`ADMIN_EMAIL ${existing.email} belongs to a ${existing.role}: set it to another address`]);
      }
      await this.audit.record(manager, {
        actor: 'system',
        action: 'administrator.created',
        subjectType: 'user',
        subjectId: id,
      });
      return { email, created: true };
    });
  }

  private async findFirst(): Promise<string | undefined> {
    const [found] = await this.dataSource.manager.find(User, {
      where: { role: 'admin', status: 'active' },
      order: { createdAt: 'ASC' },
      take: 1,
    });
    return found?.email;
  }
}
