import { newContact } from './contact-operations.js';
import {
  dateText,
  defaultNameservers,
  newDomain,
  prices,
  Refusal,
  tldOf,
  yearsLater,
  type AccountStore,
} from './account-store.js';
import { changed, money, numbered, type Operation, type OperationCall } from './operations.js';
import { WithAttributes } from './reply-xml.js';

const hostName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i;

/** What costs money, and what is asked before it. */
export const orderOperations: Record<string, Operation> = {
  checkRegisterAvailability: ({ store, need }) => {
    const open: WithAttributes[] = [];
    const [unavailable, invalid]: [string[], string[]] = [[], []];
    for (const name of need('domains').toLowerCase().split(',')) {
      if (!hostName.test(name) || prices[tldOf(name)] === undefined) invalid.push(name);
      else if (store.state.domains[name] !== undefined || store.foreignDomain(name) !== undefined)
        unavailable.push(name);
      else {
        const { amount, premium } = store.registrationPrice(name);
        open.push(new WithAttributes({ price: plain(amount), premium: premium ? 1 : 0, duration: 1 }, name));
      }
    }
    return {
      fields: {
        ...(open.length === 0 ? {} : { available: { domain: open } }),
        ...(unavailable.length === 0 ? {} : { unavailable: { domain: unavailable } }),
        ...(invalid.length === 0 ? {} : { invalid: { domain: invalid } }),
      },
    };
  },

  registerDomain: (call) => {
    const { store, args, need } = call;
    const domain = orderable(call);
    if (store.state.domains[domain] !== undefined) throw new Refusal(262, 'Domain is already active within our system');
    if (store.foreignDomain(domain) !== undefined) throw new Refusal(261, 'Domain unavailable for registration.');
    const years = yearsIn(need('years'));
    const { amount, premium } = store.registrationPrice(domain);
    const { renew } = store.pricesOf(domain);
    const cost = amount + (years - 1) * (premium ? renew : amount);
    const given = numbered(args, 'ns');
    const hosts = given.length >= 2 && given.every((host) => hostName.test(host));
    store.pay('registerDomain', domain, cost);
    const { contacts, known } = contactsFor(call);
    const today = dateText(store.now());
    store.state.domains[domain] = {
      ...newDomain(today, yearsLater(today, years)),
      private: args.private === '1',
      autoRenew: args.auto_renew === '1',
      nameservers: hosts ? given : [...defaultNameservers],
      contacts,
    };
    const message = 'Your domain registration was successfully processed.';
    const code = !hosts && given.length > 0 ? 301 : known ? 300 : 302;
    return { code, changed: true, fields: { message, domain, order_amount: money(cost) } };
  },

  renewDomain: (call) => {
    const { store, need } = call;
    const domain = orderable(call);
    const held = store.domain(domain);
    const years = yearsIn(need('years'));
    if (!/^Active|grace period/.test(store.statusOf(held)))
      throw new Refusal(261, 'Domain cannot be renewed at this time.');
    const expires = yearsLater(held.expires, years);
    if (expires > yearsLater(dateText(store.now()), 10))
      throw new Refusal(264, 'Domain cannot be renewed for that many years');
    const cost = store.pricesOf(domain).renew * years;
    store.pay('renewDomain', domain, cost);
    held.expires = expires;
    const message = 'Your domain renewal was successfully processed.';
    return { ...changed, fields: { message, domain, order_amount: money(cost) } };
  },

  transferDomain: (call) => {
    const { store, args } = call;
    const domain = orderable(call);
    if (store.state.domains[domain] !== undefined) throw new Refusal(262, 'Domain is already active within our system');
    const under = store.state.transfers[domain];
    if (under !== undefined && store.transferStatus(domain) === 'Pending at Registry') {
      throw new Refusal(265, 'Domain is not transferable: a transfer is in progress');
    }
    if (store.foreignDomain(domain) === undefined) throw new Refusal(265, 'Domain is not currently registered');
    const cost = store.transferPrice(domain).amount;
    store.pay('transferDomain', domain, cost);
    const { contacts } = contactsFor(call);
    store.state.transfers[domain] = {
      auth: args.auth ?? '',
      submittedAt: store.now(),
      private: args.private === '1',
      autoRenew: args.auto_renew === '1',
      contacts,
    };
    const message = 'Your domain transfer was successfully processed.';
    return { ...changed, fields: { message, domain, order_amount: money(cost) } };
  },

  checkTransferAvailability: ({ store, need }) => {
    const open: WithAttributes[] = [];
    const unavailable: WithAttributes[] = [];
    for (const name of need('domains').toLowerCase().split(',')) {
      const reason =
        store.foreignDomain(name) === undefined
          ? 'This domain cannot be transferred since it is not currently registered.'
          : prices[tldOf(name)] === undefined && 'Sorry, we do not currently support this extension/TLD';
      if (typeof reason === 'string') unavailable.push(new WithAttributes({ reason }, name));
      else {
        const { amount, premium } = store.transferPrice(name);
        open.push(new WithAttributes({ price: plain(amount), ...(premium ? { premium: 1 } : {}) }, name));
      }
    }
    return {
      fields: {
        ...(open.length === 0 ? {} : { available: { domain: open } }),
        ...(unavailable.length === 0 ? {} : { unavailable: { domain: unavailable } }),
      },
    };
  },

  checkTransferStatus: ({ store, need }) => {
    const domain = need('domain');
    const status = store.transferStatus(domain);
    const { completedAt, submittedAt } = transferOf(store, domain);
    const date = new Date(completedAt ?? submittedAt).toISOString().slice(0, 19).replace('T', ' ');
    return { fields: { date, status, message: `The status of the transfer is: ${status}` } };
  },

  transferUpdateChangeEPPCode: ({ store, need }) => {
    const transfer = transferOf(store, need('domain'));
    if (transfer.completedAt !== undefined) throw new Refusal(265, 'The transfer is completed');
    Object.assign(transfer, { auth: need('auth'), submittedAt: store.now(), failed: undefined });
    return changed;
  },

  transferUpdateResubmitToRegistry: ({ store, need }) => {
    const transfer = transferOf(store, need('domain'));
    if (transfer.completedAt !== undefined) throw new Refusal(265, 'The transfer is completed');
    Object.assign(transfer, { submittedAt: store.now(), failed: undefined });
    return changed;
  },

  getAccountBalance: ({ store }) => ({ fields: { balance: money(store.state.balance) } }),

  getPrices: () => ({
    fields: Object.fromEntries(
      Object.entries(prices).map(([tld, { registration, transfer, renew }]) => [
        tld,
        { registration: money(registration), transfer: money(transfer), renew: money(renew) },
      ]),
    ),
  }),
};

/** The domain of an order. @throws Refusal 108, 114, 267 */
function orderable({ store, need }: OperationCall): string {
  const domain = need('domain');
  if (!hostName.test(domain)) throw new Refusal(114, 'Invalid domain syntax');
  store.pricesOf(domain);
  return domain;
}

function transferOf(store: AccountStore, domain: string) {
  const transfer = store.state.transfers[domain];
  if (transfer === undefined) throw new Refusal(266, 'No such transfer');
  return transfer;
}

function yearsIn(text: string): number {
  if (!/^([1-9]|10)$/.test(text)) throw new Refusal(263, 'Invalid number of years');
  return Number(text);
}

/** A contact given with an order becomes a profile; without a whole one the account's default serves. */
function contactsFor({ store, args }: OperationCall): { contacts: Record<string, string>; known: boolean } {
  const id = args.contact_id ?? newContact(store, args);
  const chosen = id !== undefined && store.state.contacts[id] !== undefined ? id : '1000001';
  const roles = { registrant: chosen, administrative: chosen, technical: chosen, billing: chosen };
  return { contacts: roles, known: chosen === id };
}

function plain(cents: number): string {
  return (cents / 100).toFixed(2);
}
