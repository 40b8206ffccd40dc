import type { UserRole } from '@keelson/customers';
import { repairAccount } from '../recipes/account-repair.recipe.js';
import { provisionRecipes, makeProvision } from '../recipes/provision-recipes.js';
import { renewCertificate } from '../recipes/certificate-renewal.recipe.js';
import { repairZone } from '../recipes/zone-repair.recipe.js';
import { changePackage, ChangePackageInput } from './change-package.recipe.js';
import { changePassword, ChangePasswordInput } from './change-password.recipe.js';
import { NoInput } from './no-input.js';
import type { Operation } from './operation.js';
import { reprovision, reprovisionRecipes } from './reprovision.recipe.js';
import { resendCredentials } from './resend-credentials.recipe.js';
import { suspend, SuspendInput } from './suspend.recipe.js';
import { unsuspend } from './unsuspend.recipe.js';

const staff: readonly UserRole[] = ['admin', 'operator'];
const everybody: readonly UserRole[] = ['admin', 'operator', 'customer'];

/**
 * Everything that can be done to a service: by which recipe, in which states of the service, with which input, and who may ask.
 * The name is what `LifecycleService.request`, `task.operation` and, with hyphens, the address in the API say.
 */
export const operations = {
  provision: {
    recipe: provisionRecipes,
    from: ['pending', 'failed'],
    input: NoInput,
    roles: everybody,
    make: makeProvision,
  },
  suspend: { recipe: 'service.suspend', from: ['active', 'suspended'], input: SuspendInput, roles: staff, ...suspend },
  unsuspend: { recipe: 'service.unsuspend', from: ['suspended'], input: NoInput, roles: staff, ...unsuspend },
  change_package: {
    recipe: 'service.change_package',
    from: ['active', 'suspended'],
    input: ChangePackageInput,
    roles: staff,
    ...changePackage,
  },
  change_password: {
    recipe: 'service.change_password',
    from: ['active'],
    input: ChangePasswordInput,
    roles: everybody,
    ...changePassword,
  },
  resend_credentials: {
    recipe: 'service.resend_credentials',
    from: ['active'],
    input: NoInput,
    roles: everybody,
    ...resendCredentials,
  },
  reprovision: { recipe: reprovisionRecipes, from: ['active'], input: NoInput, roles: staff, ...reprovision },
  repair_account: {
    recipe: 'account.repair',
    from: ['active', 'suspended'],
    input: NoInput,
    roles: staff,
    ...repairAccount,
  },
  repair_zone: { recipe: 'zone.repair', from: ['active', 'suspended'], input: NoInput, roles: staff, ...repairZone },
  renew_certificate: {
    recipe: { hosting: 'certificate.renew', wordpress: 'certificate.renew', storage: 'certificate.renew' },
    from: ['active'],
    input: NoInput,
    roles: staff,
    ...renewCertificate,
  },
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- stands for every operation, whatever its input
} satisfies Record<string, Operation<any>>;

export type OperationName = keyof typeof operations;
export const operationNames = Object.keys(operations) as OperationName[];

/** What `request` takes for an operation. */
export type InputOf<Name extends OperationName> = InstanceType<(typeof operations)[Name]['input']>;

/** The operation of that name, its input type gone; undefined when there is none. */
export function findOperation(name: string): Operation | undefined {
  return Object.hasOwn(operations, name) ? (operations[name as OperationName] as unknown as Operation) : undefined;
}
