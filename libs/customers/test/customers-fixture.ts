import { dataSourceOptions, newId } from '@keelson/database';
import { testDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { ApiKeysService } from '../src/api-keys.service.js';
import { AuditService } from '../src/audit.service.js';
import { AuthService } from '../src/auth.service.js';
import { CheckoutAccounts } from '../src/checkout-accounts.service.js';
import { customerEntities } from '../src/customers.module.js';
import { CustomersService } from '../src/customers.service.js';
import { IdentityService } from '../src/identity.service.js';
import { PasswordHasher } from '../src/password-hasher.service.js';
import { TokensService } from '../src/tokens.service.js';
import type { UserRole } from '../src/user.entity.js';
import { User } from '../src/user.entity.js';

export const bootstrapToken = 'bootstrap-token-of-at-least-32-characters';

/** A migrated database with the services of this room over it, and a clock that tests move. */
export async function customersFixture() {
  const database = await testDatabase();
  const dataSource = await new DataSource(dataSourceOptions({ url: database.url }, customerEntities)).initialize();
  let now = new Date('2026-03-01T12:00:00Z').getTime();
  const clock = { now: () => new Date(now) };
  const hasher = new PasswordHasher();
  const audit = new AuditService();
  const tokens = new TokensService({ jwtSecret: 's'.repeat(32) }, clock);
  const apiKeys = new ApiKeysService(dataSource, clock);
  return {
    dataSource,
    hasher,
    tokens,
    apiKeys,
    auth: new AuthService(dataSource, hasher, tokens, clock),
    identity: new IdentityService(dataSource, tokens, apiKeys, { bootstrapToken }),
    customers: new CustomersService(dataSource, audit, hasher),
    accounts: new CheckoutAccounts(hasher, audit),
    pass: (milliseconds: number) => void (now += milliseconds),
    /** A user with the password `correct horse`. */
    addUser: async (email: string, role: UserRole = 'customer', password = 'correct horse') => {
      const id = newId();
      await dataSource.manager.insert(User, { id, email, role, passwordHash: await hasher.hash(password) });
      return id;
    },
    clear: () => dataSource.query('TRUNCATE users, customers, tenants, api_keys CASCADE'),
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

export type CustomersFixture = Awaited<ReturnType<typeof customersFixture>>;
