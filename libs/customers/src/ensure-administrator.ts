import { BootError, generatePassword, normaliseEmail } from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import type { DataSource } from 'typeorm';
import { AuditService } from './audit.service.js';
import { PasswordHasher } from './password-hasher.service.js';
import { User } from './user.entity.js';

/** Who can sign in first. */
export interface Administrator {
  email: string;
  /** In clear text; stored nowhere. */
  password: string;
}

/**
 * Makes the first administrator: with the given address and password, otherwise `admin@keelson.test` and a random one. Undefined
 * when there is an administrator already, whatever the address; nobody's password is ever replaced.
 * @param choosePassword makes the random password
 * @throws BootError when the address belongs to somebody who is no administrator
 */
export async function ensureAdministrator(
  dataSource: DataSource,
  wanted: Partial<Administrator>,
  choosePassword: () => string = () => generatePassword(20),
): Promise<Administrator | undefined> {
  if (await dataSource.manager.existsBy(User, { role: 'admin', status: 'active' })) return undefined;
  const email = normaliseEmail(wanted.email ?? 'admin@keelson.test');
  const password = wanted.password ?? choosePassword();
  const passwordHash = await new PasswordHasher().hash(password);
  return inTransaction(dataSource, async (manager) => {
    const id = newId();
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO users (id, email, password_hash, role) VALUES ($1, $2, $3, 'admin')
       ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
      [id, email, passwordHash],
    );
    if (inserted.length === 0) {
      const { role } = await manager.findOneByOrFail(User, { email });
      if (role === 'admin') return undefined;
      throw new BootError([`ADMIN_EMAIL ${email} belongs to a ${role}: set ADMIN_EMAIL to another address`]);
    }
    await new AuditService().record(manager, {
      actor: 'system',
      action: 'administrator.created',
      subjectType: 'user',
      subjectId: id,
    });
    return { email, password };
  });
}
