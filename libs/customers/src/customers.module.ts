import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKey } from './api-key.entity.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditService } from './audit.service.js';
import { AuthService } from './auth.service.js';
import { CheckoutAccounts } from './checkout-accounts.service.js';
import { Customer } from './customer.entity.js';
import { CustomersService } from './customers.service.js';
import { IdentityService } from './identity.service.js';
import { PasswordHasher } from './password-hasher.service.js';
import { Tenant } from './tenant.entity.js';
import { TokensService } from './tokens.service.js';
import { User } from './user.entity.js';

/** Tables of this room, for data sources that are built without Nest. */
export const customerEntities = [Tenant, User, Customer, ApiKey, AuditEntry];

const shared = [
  ApiKeysService,
  AuditService,
  AuthService,
  CheckoutAccounts,
  CustomersService,
  IdentityService,
  PasswordHasher,
];

/** Customers, their users, and who may do what. Needs `RuntimeModule` and a data source in the application. */
@Module({
  imports: [TypeOrmModule.forFeature(customerEntities)],
  providers: [...shared, TokensService],
  exports: shared,
})
export class CustomersModule {}
