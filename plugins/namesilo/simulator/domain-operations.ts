import { isIP } from 'node:net';
import { Refusal, type SimulatedDomain } from './account-store.js';
import { changed, numbered, type Operation, type OperationCall } from './operations.js';
import { WithAttributes } from './reply-xml.js';

const hostName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+$/i;

/** What can be seen and changed about domains of the account. */
export const domainOperations: Record<string, Operation> = {
  getDomainInfo: ({ store, need }) => {
    const domain = store.domain(need('domain'));
    const word = (on: boolean) => (on ? 'Yes' : 'No');
    return {
      fields: {
        created: domain.created,
        expires: domain.expires,
        status: store.statusOf(domain),
        locked: word(domain.locked),
        private: word(domain.private),
        auto_renew: word(domain.autoRenew),
        traffic_type: 'Custom DNS',
        email_verification_required: 'No',
        portfolio: '',
        forward_url: 'N/A',
        forward_type: 'N/A',
        nameservers: {
          nameserver: domain.nameservers.map(
            (host, index) => new WithAttributes({ position: index + 1 }, host.toUpperCase()),
          ),
        },
        contact_ids: domain.contacts,
      },
    };
  },

  listDomains: ({ store, args }) => {
    const all = Object.entries(store.state.domains);
    const [page, size] = [Number(args.page ?? 1), Math.max(1, Number(args.pageSize ?? all.length))];
    const shown = all.slice((page - 1) * size, page * size);
    const domain = shown.map(([name, { created, expires }]) => new WithAttributes({ created, expires }, name));
    return { fields: { domains: { domain }, pager: { total: all.length, pageSize: size, page } } };
  },

  changeNameServers: ({ store, args, need }) => {
    const domains = need('domain')
      .split(',')
      .map((name) => store.domain(name));
    const hosts = numbered(args, 'ns');
    if (hosts.length < 2) throw new Refusal(108, 'Missing required parameters: ns1, ns2');
    if (!hosts.every((host) => hostName.test(host))) throw new Refusal(254, 'Nameserver update could not be processed');
    for (const domain of domains) domain.nameservers = hosts;
    return changed;
  },

  addPrivacy: flag('private', true, 255, 'Domain is already Private'),
  removePrivacy: flag('private', false, 256, 'Domain is already not Private'),
  domainLock: flag('locked', true, 252, 'Domain is already Locked'),
  domainUnlock: flag('locked', false, 253, 'Domain is already Unlocked'),
  addAutoRenewal: flag('autoRenew', true, 250, 'Domain is already set to AutoRenew - No update made.'),
  removeAutoRenewal: flag('autoRenew', false, 251, 'Domain is already set not to AutoRenew - No update made.'),

  retrieveAuthCode: ({ store, need }) => {
    store.domain(need('domain'));
    return changed;
  },

  dnsSecListRecords: ({ store, need }) => ({
    fields: {
      ds_record: store.domain(need('domain')).dsRecords.map(({ digest, digestType, alg, keyTag }) => ({
        digest,
        digest_type: digestType,
        algorithm: alg,
        key_tag: keyTag,
      })),
    },
  }),

  dnsSecAddRecord: (call) => {
    const { domain, record } = dsRecordIn(call);
    if (!/^([0-9a-f]{2}){20,}$/i.test(record.digest)) throw new Refusal(280, 'DNSSEC digest is not valid');
    if (domain.dsRecords.some((one) => sameRecord(one, record))) throw new Refusal(280, 'DNSSEC record exists already');
    domain.dsRecords.push(record);
    return changed;
  },

  dnsSecDeleteRecord: (call) => {
    const { domain, record } = dsRecordIn(call);
    const rest = domain.dsRecords.filter((one) => !sameRecord(one, record));
    if (rest.length === domain.dsRecords.length) throw new Refusal(280, 'DNSSEC record does not exist');
    domain.dsRecords = rest;
    return changed;
  },

  listRegisteredNameServers: ({ store, need }) => ({
    fields: {
      hosts: Object.entries(store.domain(need('domain')).hosts).map(([host, addresses]) => ({ host, ip: addresses })),
    },
  }),

  addRegisteredNameServer: ({ store, args, need }) => {
    const { hosts } = store.domain(need('domain'));
    const host = need('new_host').toLowerCase();
    if (hosts[host] !== undefined) throw new Refusal(210, 'Host is registered already');
    hosts[host] = addressesIn(args);
    return changed;
  },

  modifyRegisteredNameServer: ({ store, args, need }) => {
    const { hosts } = store.domain(need('domain'));
    const current = registeredHost(hosts, need('current_host'));
    const addresses = addressesIn(args);
    delete hosts[current];
    hosts[need('new_host').toLowerCase()] = addresses;
    return changed;
  },

  deleteRegisteredNameServer: ({ store, need }) => {
    const { hosts } = store.domain(need('domain'));
    delete hosts[registeredHost(hosts, need('current_host'))];
    return changed;
  },
};

function flag(name: 'private' | 'locked' | 'autoRenew', on: boolean, alreadyCode: number, already: string): Operation {
  return ({ store, need }) => {
    const domain = store.domain(need('domain'));
    if (domain[name] === on) return { code: alreadyCode, detail: already };
    domain[name] = on;
    return changed;
  };
}

type DsRecord = SimulatedDomain['dsRecords'][number];

function dsRecordIn({ store, need }: OperationCall): { domain: SimulatedDomain; record: DsRecord } {
  const domain = store.domain(need('domain'));
  const [digest, keyTag, digestType, alg] = [need('digest'), need('keyTag'), need('digestType'), need('alg')];
  return { domain, record: { digest: digest.toUpperCase(), keyTag, digestType, alg } };
}

function sameRecord(a: DsRecord, b: DsRecord): boolean {
  return a.digest === b.digest && a.keyTag === b.keyTag && a.digestType === b.digestType && a.alg === b.alg;
}

function addressesIn(args: Record<string, string>): string[] {
  const addresses = numbered(args, 'ip');
  if (addresses.length === 0) throw new Refusal(108, 'Missing required parameters: ip1');
  if (addresses.some((address) => isIP(address) === 0)) throw new Refusal(210, 'Invalid IP address');
  return addresses;
}

function registeredHost(hosts: Record<string, string[]>, host: string): string {
  const name = host.toLowerCase();
  if (hosts[name] === undefined) throw new Refusal(210, 'Host is not registered');
  return name;
}
