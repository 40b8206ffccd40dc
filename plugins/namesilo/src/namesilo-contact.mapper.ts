import { PortError, type RegistrantContact } from '@keelson/core';
import { child, textOf, type NameSiloReply } from './namesilo-reply.js';

/** Fields of `contactAdd`, and of the calls that take a contact. */
const parameters = {
  firstName: 'fn',
  lastName: 'ln',
  company: 'cp',
  street: 'ad',
  city: 'cy',
  state: 'st',
  postalCode: 'zp',
  country: 'ct',
  email: 'em',
  phone: 'ph',
} as const satisfies Record<keyof RegistrantContact, string>;

/** The registrar refuses, or replaces, contacts without these. States and postal codes are not known everywhere. */
const needed = ['firstName', 'lastName', 'street', 'city', 'country', 'email', 'phone'] as const;

/** Parameters for the contact. @throws PortError `invalid-input` naming what is missing */
export function contactParametersOf(contact: RegistrantContact): Record<string, string | undefined> {
  const missing = needed.filter((field) => contact[field].trim() === '');
  if (missing.length > 0) {
    throw new PortError('invalid-input', `The registrant's ${missing.join(', ')} must be given.`);
  }
  const entries = Object.entries(parameters) as [keyof RegistrantContact, string][];
  return Object.fromEntries(entries.map(([field, name]) => [name, contact[field]?.trim()]));
}

/** `contactList` of one contact; undefined when it shows none. A second address line follows the first after a comma. */
export function contactFrom(reply: NameSiloReply): RegistrantContact | undefined {
  const element = child(reply.body, 'contact');
  if (element === undefined) return undefined;
  const read = (name: string) => textOf(element, name) ?? '';
  const company = textOf(element, 'company');
  return {
    firstName: read('first_name'),
    lastName: read('last_name'),
    ...(company === undefined ? {} : { company }),
    email: read('email'),
    phone: read('phone'),
    street: [read('address'), read('address2')].filter((line) => line !== '').join(', '),
    city: read('city'),
    state: read('state'),
    postalCode: read('zip'),
    country: read('country').toUpperCase(),
  };
}

/** Whether two contacts say the same. Phone numbers are compared by their digits: the registrar may write them in its own way. */
export function sameContact(a: RegistrantContact, b: RegistrantContact): boolean {
  const plain = (contact: RegistrantContact, field: keyof RegistrantContact) =>
    field === 'phone' ? contact.phone.replace(/\D/g, '') : (contact[field] ?? '').trim();
  return (Object.keys(parameters) as (keyof RegistrantContact)[]).every((field) => plain(a, field) === plain(b, field));
}

/** Ids of the contacts of a domain by role, as `getDomainInfo` shows them. */
export function contactIdsFrom({ body }: NameSiloReply): string[] {
  const ids = child(body, 'contact_ids');
  return ids === undefined
    ? []
    : ['registrant', 'administrative', 'technical', 'billing'].flatMap((role) => textOf(ids, role) ?? []);
}

/** `contactAdd`: the id of the new contact. */
export function contactIdFrom({ body }: NameSiloReply): string {
  const id = textOf(body, 'contact_id');
  if (id === undefined) throw new PortError('internal', 'The registrar answered in an unexpected way.');
  return id;
}
