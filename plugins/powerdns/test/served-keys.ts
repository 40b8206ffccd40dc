import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { DsRecord } from '@keelson/core';
import { type Answer, decode, encode } from 'dns-packet';

type DnsKey = Extract<Answer, { type: 'DNSKEY' }>['data'];

/** The DS records (SHA-256) of the entry keys that the name server serves for the zone, reckoned here from the keys (RFC 4034 §5.1.4). */
export async function dsOfServedKeys(zone: string, dnsPort: number): Promise<DsRecord[]> {
  const socket = createSocket('udp4');
  try {
    socket.send(encode({ type: 'query', id: 7, questions: [{ type: 'DNSKEY', name: zone }] }), dnsPort, '127.0.0.1');
    const [message] = (await once(socket, 'message')) as [Buffer];
    const keys = (decode(message).answers ?? []).filter(
      (answer): answer is Answer & { data: DnsKey } => answer.type === 'DNSKEY',
    );
    return keys.filter(({ data }) => (data.flags & 1) === 1).map(({ data }) => dsOf(zone, data));
  } finally {
    socket.close();
  }
}

function dsOf(zone: string, { flags, algorithm, key }: DnsKey): DsRecord {
  const rdata = Buffer.concat([Buffer.from([flags >> 8, flags & 255, 3, algorithm]), key]);
  const digest = createHash('sha256').update(wireName(zone)).update(rdata).digest('hex');
  return { keyTag: keyTagOf(rdata), algorithm, digestType: 2, digest };
}

/** RFC 4034 appendix B. */
function keyTagOf(rdata: Buffer): number {
  const sum = rdata.reduce((total, octet, index) => total + (index % 2 === 0 ? octet << 8 : octet), 0);
  return (sum + (sum >> 16)) & 0xffff;
}

function wireName(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .split('.')
    .map((label) => Buffer.from(label));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}
