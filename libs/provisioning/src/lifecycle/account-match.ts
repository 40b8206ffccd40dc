import type { Account, Package } from '@keelson/core';

/**
 * Whether the account is the one that we made or adopted: by the id that the vendor keeps, else by its domain.
 * @param ours.externalIds ids under which the vendor may keep it: our service's, or the one it was adopted with
 */
export function isSameAccount(
  { domain, externalIds }: { domain: string | null; externalIds: readonly string[] },
  account: Account,
): boolean {
  if (account.externalId !== undefined) return externalIds.includes(account.externalId);
  return domain === null || account.domain === '' || account.domain === domain;
}

/**
 * Whether the vendor's name means the package that we know. Where packages belong to resellers, a server shows ours as
 * `<reseller>_<package>`, unless it has one of the plain name.
 */
export function isPackage(ours: string, theirs: string, packages: readonly Package[]): boolean {
  if (theirs === ours) return true;
  return !packages.some(({ name }) => name === ours) && theirs.endsWith(`_${ours}`);
}
