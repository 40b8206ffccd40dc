import {
  type AdapterOf,
  isPortError,
  PortError,
  type RegistrantContact,
  type RegisteredDomain,
  registrarPort,
  supports,
} from '@keelson/core';
import type { Pending, RetriedStep } from '../../engine/recipe.js';
import { delegationOf, domainNameOf, isKeptByUs, registrantOf } from '../domain-order.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';
import { withdrawDs } from './withdraw-ds.js';

export interface ConfiguredDomain {
  nameservers: string[];
  /** ISO 8601, for a domain that came from elsewhere: until the caches are empty, some still ask the name servers of before. */
  movedAt?: string;
}

type Registrar = AdapterOf<typeof registrarPort>;

/**
 * Makes the domain at the registrar what we want: delegated to the servers of its zone, with the customer as its contact, locked, private
 * where the ending knows it, and not renewed by the registrar, because we renew it ourselves. Repeatable as it stands: what is so already
 * is not touched. A signed domain that changes its name servers first loses its old DS records. Optional: the hosting works
 * without it, and the operator sees what is missing.
 */
export function configureDomain({
  settings,
  clock,
}: RecipeTools): RetriedStep<HostingOrder, object, ConfiguredDomain, typeof registrarPort, never> {
  return {
    needs: registrarPort,
    optional: 'degraded',
    skipWhen: ({ order }) => (isKeptByUs(order) ? undefined : 'the domain is kept elsewhere'),
    run: async ({ adapter, order, note }) => {
      const held = await adapter.findDomain(domainNameOf(order));
      if (held === undefined) throw new PortError('unavailable', 'The registrar does not show the domain yet.');
      const nameservers = delegationOf(order, settings);
      const moves = nameservers.length >= 2 && !sameNames(held.nameservers, nameservers);
      if (moves) {
        const pending = await withdrawOld(adapter, held, note);
        if (pending !== undefined) return pending;
        await adapter.putNameservers(held.domain, nameservers);
      }
      if (held.autoRenew) await adapter.setAutoRenew(held.domain, false);
      await correctContact(adapter, held.domain, registrantOf(order));
      if (!held.privacy) await unlessUnsupported(adapter.setPrivacy(held.domain, true));
      // Last, because a locked domain may refuse the others, and some endings know no lock.
      if (!held.locked) await unlessUnsupported(adapter.setLock(held.domain, true));
      return {
        nameservers: moves ? nameservers : held.nameservers,
        ...(order.domain?.mode === 'transfer' ? { movedAt: clock.now().toISOString() } : {}),
      };
    },
    plan: ({ order }) => [
      {
        port: 'registrar',
        method: 'putNameservers',
        summary: `points ${domainNameOf(order)} at the servers of its zone, locks it and hides its owner`,
      },
    ],
  };

  async function withdrawOld(adapter: Registrar, held: RegisteredDomain, note: unknown): Promise<Pending | undefined> {
    return supports(adapter, registrarPort, 'dnssec') ? withdrawDs(adapter, held.domain, note, clock) : undefined;
  }
}

/** Changing a registrant may ask the customer for consent, so only one that is another is changed. */
async function correctContact(adapter: Registrar, domain: string, wanted: RegistrantContact): Promise<void> {
  const present = await adapter.getContacts(domain);
  const plain = ({ firstName, lastName, email, street, city, postalCode, country, phone }: RegistrantContact) =>
    [firstName, lastName, email, street, city, postalCode, country, phone.replace(/\D/g, '')].join('\n').toLowerCase();
  if (plain(present) !== plain(wanted)) await adapter.putContacts(domain, wanted);
}

async function unlessUnsupported(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (thrown) {
    if (!isPortError(thrown) || thrown.code !== 'unsupported') throw thrown;
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const plain = (names: readonly string[]) =>
    names
      .map((name) => name.toLowerCase())
      .toSorted()
      .join(' ');
  return plain(a) === plain(b);
}
