import type { PowerDnsZone } from '../src/powerdns.types.js';

const zones = '/api/v1/servers/localhost/zones';
const zone = 'requests.example.';

type Request = [method: string, path: string, body?: unknown, accept?: string];

function replace(name: string, type: string, contents: string[], ttl: unknown = 300): Request {
  const records = contents.map((content) => ({ content, disabled: false }));
  return ['PATCH', `${zones}/${zone}`, { rrsets: [{ name, type, ttl, changetype: 'REPLACE', records }] }];
}

function change(...rrsets: unknown[]): Request {
  return ['PATCH', `${zones}/${zone}`, { rrsets }];
}

/** Requests in an order that makes sense: the zone is made first and removed last. */
const requests: readonly Request[] = [
  ['GET', '/api/v1/servers/localhost'],
  ['GET', '/api/v1/servers/wrong'],
  ['GET', `${zones}/${zone}`],
  ['GET', `${zones}/${zone}`, undefined, '*/*'],
  ['GET', `${zones}/${zone}`, undefined, 'text/html'],
  ['PUT', zones, {}],
  ['POST', zones, '{broken'],
  ['POST', zones, { kind: 'Native' }],
  ['POST', zones, { name: zone }],
  ['POST', zones, { name: 'requests.example', kind: 'Native' }],
  ['POST', zones, { name: 'a..example.', kind: 'Native' }],
  ['POST', zones, { name: zone, kind: 'Native', nameservers: ['ns1'] }],
  ['POST', zones, { name: zone, kind: 'Misspelt', nameservers: ['ns1.names.example.'], account: 'srv_1' }],
  ['POST', zones, { name: zone, kind: 'Native' }],
  ['GET', `${zones}/REQUESTS.example`],
  ['GET', `${zones}/${zone}?rrsets=false`],
  ['GET', `${zones}/${zone}?rrset_name=${zone}&rrset_type=NS`],
  ['GET', `${zones}?zone=${zone}`],
  ['GET', `${zones}?zone=${zone}&dnssec=false`],
  ['POST', `${zones}/${zone}`, {}],
  ['PATCH', `${zones}/${zone}`, '{broken'],
  ['PATCH', `${zones}/absent.example.`, { rrsets: [] }],
  change(),
  replace(`www.${zone}`, 'A', ['192.0.2.1', '192.0.2.2']),
  replace(`v6.${zone}`, 'AAAA', ['2001:DB8:0::1']),
  replace(`mail.${zone}`, 'MX', ['10 mail.example.']),
  replace(`_sip._tcp.${zone}`, 'SRV', ['10 5 5060 sip.Example.']),
  replace(zone, 'CAA', ['0 issue "letsencrypt.org"']),
  replace(`t.${zone}`, 'TXT', ['"a \\"b\\" \\\\ \\195\\169" "second"']),
  replace(`c.${zone}`, 'CNAME', ['www.requests.example.']),
  replace(`*.${zone}`, 'A', ['192.0.2.3']),
  replace('www.requests.example', 'A', ['192.0.2.1']),
  replace(`a..${zone}`, 'A', ['192.0.2.1']),
  replace('a.other.', 'A', ['192.0.2.1']),
  replace(`x.${zone}`, 'FOO', ['x']),
  replace(`x.${zone}`, 'A', ['999.1.1.1']),
  replace(`x.${zone}`, 'A', ['192.0.2.1', '192.0.2.1']),
  replace(`x.${zone}`, 'A', ['192.0.2.1'], null),
  replace(`x.${zone}`, 'TXT', ['noquotes']),
  replace(`x.${zone}`, 'MX', ['10 mail.example']),
  replace(`x.${zone}`, 'MX', ['010 mail.example.']),
  replace(`x.${zone}`, 'CNAME', ['a.example']),
  replace(`x.${zone}`, 'CNAME', ['a.example.', 'b.example.']),
  replace(`x.${zone}`, 'CAA', ['0 issue letsencrypt.org']),
  replace(`www.${zone}`, 'CNAME', ['a.example.']),
  replace(`c.${zone}`, 'A', ['192.0.2.1']),
  change({ name: `x.${zone}`, type: 'A', ttl: 5, changetype: 'TWIST', records: [] }),
  change({ name: `x.${zone}`, type: 'A', ttl: 5 }),
  change({ type: 'A', changetype: 'DELETE' }),
  change(
    {
      name: `x.${zone}`,
      type: 'A',
      ttl: 5,
      changetype: 'REPLACE',
      records: [{ content: '192.0.2.9', disabled: false }],
    },
    { name: `x.${zone}`, type: 'A', ttl: 5, changetype: 'REPLACE', records: [] },
  ),
  change({ name: `x.${zone}`, type: 'A', ttl: 5, changetype: 'REPLACE' }),
  change(
    { name: `mail.${zone}`, type: 'MX', changetype: 'DELETE' },
    { name: `never.${zone}`, type: 'A', changetype: 'DELETE' },
  ),
  replace(`v6.${zone}`, 'AAAA', []),
  ['GET', `${zones}/${zone}`],
  ['PUT', `${zones}/${zone}/notify`],
  ['PUT', `${zones}/${zone}/rectify`],
  ['PUT', `${zones}/${zone}/axfr-retrieve`],
  ['GET', `${zones}/${zone}/cryptokeys`],
  ['PUT', `${zones}/${zone}`, { dnssec: true }],
  ['PUT', `${zones}/${zone}`, { dnssec: true }],
  ['GET', `${zones}/${zone}?rrsets=false`],
  ['PUT', `${zones}/${zone}`, { dnssec: false }],
  ['PUT', `${zones}/${zone}`, { dnssec: false }],
  ['GET', `${zones}/${zone}/cryptokeys`],
  ['GET', `${zones}/${zone}?rrsets=false`],
  ['GET', `${zones}/absent.example./export`],
  ['DELETE', `${zones}/${zone}`],
  ['DELETE', `${zones}/${zone}`],
];

interface Seen {
  request: string;
  status: number;
  type: string;
  body: unknown;
}

/** What a server answers to all the requests, in a form in which two servers can be compared: sets and records in one order. */
export async function sameRequests(url: string, apiKey: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const [method, path, body, accept = 'application/json'] of requests) {
    const response = await fetch(url + path, {
      method,
      headers: { 'x-api-key': apiKey, accept, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';', 1)[0] ?? '';
    seen.push({
      request: `${method} ${path} ${body === undefined ? '' : JSON.stringify(body)}`,
      status: response.status,
      type,
      body: type === 'application/json' ? inOrder(JSON.parse(text)) : text,
    });
  }
  return seen;
}

function inOrder(body: unknown): unknown {
  if (Array.isArray(body)) return body;
  // The real server notes the notified serial a moment after its answer.
  const { rrsets, ...rest } = { ...(body as Partial<PowerDnsZone>), notified_serial: undefined };
  if (rrsets === undefined) return rest;
  const sets = rrsets.map((set) => ({
    ...set,
    records: [...set.records].sort((a, b) => a.content.localeCompare(b.content)),
  }));
  const key = (set: { name: string; type: string }) => `${set.name} ${set.type}`;
  return { ...rest, rrsets: sets.sort((a, b) => key(a).localeCompare(key(b))) };
}
