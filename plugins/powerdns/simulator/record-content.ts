import { isIPv4, isIPv6 } from 'node:net';
import type { Answer } from 'dns-packet';

/** Types that the simulator parses; others are "unknown". */
export const knownTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT'] as const;
export type KnownType = (typeof knownTypes)[number];

export function isKnownType(type: string): type is KnownType {
  return (knownTypes as readonly string[]).includes(type);
}

/** Whether a name can be put on the wire: labels of 1 to 63 octets, 255 in all, the root as its last one. */
export function isParsableName(name: string): boolean {
  if (name === '.') return true;
  const labels = name.replace(/\.$/, '').split('.');
  return name.length <= 254 && labels.every((label) => label.length >= 1 && label.length <= 63);
}

const parsing = "Parsing record content (try 'pdnsutil check-zone'): ";

/**
 * The content as the server keeps it.
 * @throws Error with the server's words when the content cannot be parsed or is not spelled as the server spells it
 */
export function storedContent(type: KnownType, content: string): string {
  const parsed = parsers[type](content);
  if (type !== 'AAAA' && parsed.toLowerCase() !== content.toLowerCase()) {
    throw new Error(`Not in expected format (parsed as '${parsed}')`);
  }
  return type === 'AAAA' ? parsed : content;
}

const parsers: Record<KnownType, (content: string) => string> = {
  A: (content) => {
    if (!isIPv4(content)) throw new Error(`${parsing}unable to parse IP address`);
    return content;
  },
  AAAA: (content) => {
    if (!isIPv6(content)) throw new Error(`${parsing}unable to parse IPv6 address`);
    return new URL(`http://[${content}]`).hostname.slice(1, -1);
  },
  CNAME: absolute,
  NS: absolute,
  MX: (content) => fields(content, 1, 1).join(' '),
  SRV: (content) => fields(content, 3, 1).join(' '),
  SOA: (content) => {
    const [mname = '', rname = '', ...numbers] = content.split(' ');
    return [absolute(mname), absolute(rname), ...fields(numbers.join(' '), 5, 0)].join(' ');
  },
  CAA: (content) => {
    const [, flags, tag, value] = /^(\d+) (\S+) (.*)$/.exec(content) ?? [];
    if (value === undefined) throw new Error(`${parsing}expected digits, a tag and a value`);
    if (!value.startsWith('"')) {
      const at = content.length - value.length;
      throw new Error(`${parsing}Data field in DNS should start with quote (") at position ${at} of '${content}'`);
    }
    return `${Number(flags)} ${tag} ${value}`;
  },
  TXT: (content) => {
    if (/^(?:"(?:[^"\\]|\\.)*"\s*)+$/s.test(content)) return content;
    if (content.startsWith('"')) throw new Error(`${parsing}Data field in DNS should end on a quote (")`);
    return `"${content}"`;
  },
};

function absolute(name: string): string {
  const full = name.endsWith('.') ? name : `${name}.`;
  if (!isParsableName(full)) throw new Error(`${parsing}Unable to parse DNS Name '${name}'`);
  return full;
}

/** `numbers` numbers below 2³², then `names` names. */
function fields(content: string, numbers: number, names: number): string[] {
  const parts = content.split(' ');
  const digits = parts.slice(0, numbers);
  if (parts.length < numbers + names || !digits.every((part) => /^\d{1,10}$/.test(part))) {
    throw new Error(`${parsing}expected digits at position 0 in '${content}'`);
  }
  return [...digits.map((part) => String(Number(part))), ...parts.slice(numbers, numbers + names).map(absolute)];
}

/** The record as an answer on the wire. */
export function wireRecord(name: string, type: KnownType, ttl: number, content: string): Answer {
  const parts = content.split(' ');
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return { name, type, ttl, data: bare(content) };
    case 'MX':
      return { name, type, ttl, data: { preference: Number(parts[0]), exchange: bare(parts[1]) } };
    case 'SRV': {
      const [priority, weight, port] = parts.map(Number);
      return { name, type, ttl, data: { priority, weight, port: port ?? 0, target: bare(parts[3]) } };
    }
    case 'SOA': {
      const [serial, refresh, retry, expire, minimum] = parts.slice(2).map(Number);
      const soa = { mname: bare(parts[0]), rname: bare(parts[1]), serial, refresh, retry, expire, minimum };
      return { name, type, ttl, data: soa };
    }
    case 'CAA': {
      const value = Buffer.concat(characterStrings(parts.slice(2).join(' '))).toString('latin1');
      // The wire takes any tag; the library's type knows three.
      return { name, type, ttl, data: { flags: Number(parts[0]), tag: parts[1] as 'issue', value } };
    }
    case 'TXT':
      return { name, type, ttl, data: characterStrings(content) };
  }
}

/** The quoted strings of a content (RFC 1035 §5.1), cut to 255 octets each. */
function characterStrings(content: string): Buffer[] {
  const strings: Buffer[] = [];
  const source = Buffer.from(content, 'utf8').toString('latin1');
  for (const [, inside = ''] of source.matchAll(/"((?:[^"\\]|\\.)*)"/gs)) {
    const text = inside.replaceAll(/\\(\d{3})|\\(.)/gs, (_all, octet: string | undefined, plain: string | undefined) =>
      octet === undefined ? (plain ?? '') : String.fromCharCode(Number(octet) & 0xff),
    );
    for (let start = 0; start === 0 || start < text.length; start += 255) {
      strings.push(Buffer.from(text.slice(start, start + 255), 'latin1'));
    }
  }
  return strings;
}

function bare(name = ''): string {
  return name === '.' ? name : name.replace(/\.$/, '');
}
