import {
  groupRecords,
  PortError,
  quoteTxt,
  readRecordValue,
  type RecordSet,
  type RecordType,
  type Zone,
} from '@keelson/core';

/** A zone file that this plugin wrote. */
export interface ZoneFile {
  zone: string;
  owner: string;
  serial: number;
  hostmaster: string;
  sets: RecordSet[];
}

const header = '; Written by Keelson; changes by hand are lost. Owner: ';
const hostTypes: ReadonlySet<RecordType> = new Set(['CNAME', 'NS', 'MX', 'SRV']);

/** The file as RFC 1035 master file text: one record a line, every name absolute. */
export function textOf({ zone, owner, serial, hostmaster, sets }: ZoneFile): string {
  const primary = nameserversOf({ zone, sets })[0] ?? zone;
  const soa = `${zone}.\t3600\tIN\tSOA\t${primary}. ${hostmaster.replace('@', '.')}. ${serial} 10800 3600 1209600 3600`;
  const records = sets.flatMap(({ name, type, ttl, values }) =>
    values.map((value) => `${name}.\t${ttl}\tIN\t${type}\t${contentOf(type, value)}`),
  );
  return `${[header + owner, soa, ...records].join('\n')}\n`;
}

/** Reads what `textOf` wrote. @throws PortError `already-exists` for a file that somebody else wrote */
export function zoneFileFrom(zone: string, text: string): ZoneFile {
  const [first = '', soa = '', ...lines] = text.trimEnd().split('\n');
  const [, rname, serial] = /\tSOA\t\S+ (\S+)\. (\d+) /.exec(soa) ?? [];
  if (!first.startsWith(header) || rname === undefined) {
    throw new PortError('already-exists', `There is a file of the zone ${zone} that is not ours.`);
  }
  const records = lines.map((line) => {
    const [name = '', ttl, , type, content = ''] = line.split('\t');
    return {
      name: bare(name),
      ttl: Number(ttl),
      type: type as RecordType,
      value: readRecordValue(type as RecordType, content),
    };
  });
  const hostmaster = rname.replace('.', '@');
  return { zone, owner: first.slice(header.length), serial: Number(serial), hostmaster, sets: groupRecords(records) };
}

export function zoneOf(file: ZoneFile): Zone {
  return { zone: file.zone, nameservers: nameserversOf(file), owner: file.owner, serial: file.serial };
}

function nameserversOf({ zone, sets }: Pick<ZoneFile, 'zone' | 'sets'>): string[] {
  return sets.find(({ name, type }) => type === 'NS' && name === zone)?.values ?? [];
}

function contentOf(type: RecordType, value: string): string {
  if (type === 'TXT') return quoteTxt(value);
  return hostTypes.has(type) && !value.endsWith('.') ? `${value}.` : value;
}

function bare(name: string): string {
  return name.replace(/\.$/, '');
}
