import { accountsObserver } from './accounts-observer.js';
import { certificatesObserver } from './certificates-observer.js';
import { domainsObserver } from './domains-observer.js';
import { mailboxesObserver } from './mailboxes-observer.js';
import type { AnyObserver, Area } from './reconcile.types.js';
import { zonesObserver } from './zones-observer.js';

/** One observer an area. */
export const allObservers: Readonly<Record<Area, AnyObserver>> = {
  accounts: accountsObserver,
  zones: zonesObserver,
  certificates: certificatesObserver,
  mailboxes: mailboxesObserver,
  domains: domainsObserver,
};
