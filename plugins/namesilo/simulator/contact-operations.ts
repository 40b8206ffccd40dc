import { Refusal, type AccountStore } from './account-store.js';
import { changed, type Operation } from './operations.js';

/** Parameter → field of a profile. */
const fields = {
  fn: 'first_name',
  ln: 'last_name',
  cp: 'company',
  ad: 'address',
  ad2: 'address2',
  cy: 'city',
  st: 'state',
  zp: 'zip',
  ct: 'country',
  em: 'email',
  ph: 'phone',
  fx: 'fax',
} as const;

const needed = ['fn', 'ln', 'ad', 'cy', 'ct', 'em', 'ph'];
const roles = ['registrant', 'administrative', 'billing', 'technical'];

/** Keeps the contact that the parameters hold, unless they hold no whole one. Returns its id. */
export function newContact(store: AccountStore, args: Record<string, string>): string | undefined {
  const valid = needed.every((name) => (args[name] ?? '') !== '') && /^[A-Za-z]{2}$/.test(args.ct ?? '');
  if (!valid) return undefined;
  const id = String(store.state.nextContact);
  store.state.nextContact += 1;
  const entries = Object.entries(fields).map(([name, field]) => [field, args[name] ?? '']);
  store.state.contacts[id] = { nickname: '', ...(Object.fromEntries(entries) as Record<string, string>) };
  return id;
}

export const contactOperations: Record<string, Operation> = {
  contactAdd: ({ store, args }) => {
    const id = newContact(store, args);
    if (id === undefined) throw new Refusal(108, 'Missing required parameters for the contact');
    return { ...changed, fields: { contact_id: id } };
  },

  contactList: ({ store, args }) => {
    const all = Object.entries(store.state.contacts);
    const shown = args.contact_id === undefined ? all : all.filter(([id]) => id === args.contact_id);
    const contact = shown.map(([id, profile]) => ({
      contact_id: id,
      default_profile: id === '1000001' ? 1 : 0,
      ...profile,
    }));
    return { fields: { contact } };
  },

  contactDomainAssociate: ({ store, args, need }) => {
    const domain = store.domain(need('domain'));
    for (const role of roles) {
      const id = args[role];
      if (id === undefined) continue;
      if (store.state.contacts[id] === undefined) throw new Refusal(210, 'Invalid contact profile');
      domain.contacts[role] = id;
    }
    return changed;
  },
};
