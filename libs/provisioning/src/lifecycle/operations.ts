import type { UserRole } from '@keelson/customers';
import { repairAccount } from './account-repair.recipe.js';
import { provisionRecipes, makeProvision } from '../recipes/provision-recipes.js';
import { renewCertificate } from './certificate-renewal.recipe.js';
import { repairMailbox } from './mailbox-repair.recipe.js';
import { repairZone } from './zone-repair.recipe.js';
import { changeDomain, ChangeDomainInput } from './change-domain.recipe.js';
import { changePackage, ChangePackageInput } from './change-package.recipe.js';
import { changePassword, ChangePasswordInput } from './change-password.recipe.js';
import { migrate, MigrateInput } from './migrate.recipe.js';
import { NoInput } from './no-input.js';
import type { Operation } from './operation.js';
import { renewDomain, RenewDomainInput } from './renew-domain.recipe.js';
import { remove } from './remove.recipe.js';
import { reprovision, reprovisionRecipes } from './reprovision.recipe.js';
import { resendCredentials } from './resend-credentials.recipe.js';
import { restore } from './restore.recipe.js';
import { setDnssec, SetDnssecInput } from './set-dnssec.recipe.js';
import { suspend, SuspendInput } from './suspend.recipe.js';
import { terminate, TerminateInput } from './terminate.recipe.js';
import { unsuspend } from './unsuspend.recipe.js';

const staff: readonly UserRole[] = ['admin', 'operator'];
const everybody: readonly UserRole[] = ['admin', 'operator', 'customer'];

/**
 * Everything that can be done to a service: by which recipe, in which states of the service, with which input, and who may ask.
 * The name is what `LifecycleService.request`, `task.operation` and, with hyphens, the address in the API say.
 */
export const operations = {
  provision: {
    summary: 'Makes a pending service exist',
    recipe: provisionRecipes,
    from: ['pending', 'failed'],
    input: NoInput,
    roles: everybody,
    make: makeProvision,
  },
  suspend: {
    summary: 'Closes a service: account, sites and mailboxes, nothing is removed',
    recipe: 'service.suspend',
    from: ['active', 'suspended'],
    input: SuspendInput,
    roles: staff,
    ...suspend,
  },
  unsuspend: {
    summary: 'Opens a suspended service again',
    recipe: 'service.unsuspend',
    from: ['suspended'],
    input: NoInput,
    roles: staff,
    ...unsuspend,
  },
  terminate: {
    summary: 'Closes a service for good: its data is kept until a date, then removed',
    recipe: 'service.quarantine',
    from: ['active', 'suspended', 'quarantined'],
    input: TerminateInput,
    roles: staff,
    ...terminate,
  },
  restore: {
    summary: 'Opens a terminated service again while its data is there',
    recipe: 'service.restore',
    from: ['quarantined'],
    input: NoInput,
    roles: staff,
    ...restore,
  },
  remove: {
    summary: 'Removes the data of a terminated service; before its date only for administrators',
    recipe: 'service.remove',
    from: ['quarantined', 'terminating'],
    input: NoInput,
    roles: staff,
    ...remove,
  },
  change_package: {
    summary: 'Puts a service on another product or package, if what it uses fits',
    recipe: 'service.change_package',
    from: ['active', 'suspended'],
    input: ChangePackageInput,
    roles: staff,
    ...changePackage,
  },
  change_domain: {
    summary: 'Moves a service to another domain',
    recipe: { hosting: 'service.change_domain', wordpress: 'service.change_domain', storage: 'service.change_domain' },
    from: ['active'],
    input: ChangeDomainInput,
    roles: staff,
    ...changeDomain,
  },
  migrate: {
    summary: 'Moves a service to another server',
    recipe: { hosting: 'service.migrate', wordpress: 'service.migrate', storage: 'service.migrate' },
    from: ['active'],
    input: MigrateInput,
    roles: staff,
    ...migrate,
  },
  change_password: {
    summary: 'Sets the password of the panel; one that is not given is made and mailed',
    recipe: 'service.change_password',
    from: ['active'],
    input: ChangePasswordInput,
    roles: everybody,
    ...changePassword,
  },
  resend_credentials: {
    summary: 'Mails the access data to the customer once more',
    recipe: 'service.resend_credentials',
    from: ['active'],
    input: NoInput,
    roles: everybody,
    ...resendCredentials,
  },
  reprovision: {
    summary: 'Makes again what is missing of a service, and adopts what is there',
    recipe: reprovisionRecipes,
    from: ['active'],
    input: NoInput,
    roles: staff,
    ...reprovision,
  },
  repair_account: {
    summary: 'Makes suspension and package of the account what they should be',
    recipe: 'account.repair',
    from: ['active', 'suspended'],
    input: NoInput,
    roles: staff,
    ...repairAccount,
  },
  renew_domain: {
    summary: 'Renews the domain',
    recipe: 'domain.renew',
    from: ['active', 'suspended'],
    input: RenewDomainInput,
    roles: staff,
    ...renewDomain,
  },
  set_dnssec: {
    summary: 'Turns DNSSEC of the domain on or off',
    recipe: 'domain.set_dnssec',
    from: ['active'],
    input: SetDnssecInput,
    roles: everybody,
    ...setDnssec,
  },
  repair_zone: {
    summary: 'Puts our records into the zone again',
    recipe: 'zone.repair',
    from: ['active', 'suspended'],
    input: NoInput,
    roles: staff,
    ...repairZone,
  },
  repair_mailbox: {
    summary: 'Makes missing mailboxes of ours again, empty, and opens or closes ours as the service is',
    recipe: 'mailbox.repair',
    from: ['active', 'suspended'],
    input: NoInput,
    roles: staff,
    ...repairMailbox,
  },
  renew_certificate: {
    summary: 'Renews the certificate now',
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
