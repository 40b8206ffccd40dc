import { createHash, generateKeyPairSync } from 'node:crypto';

/** A combined signing key, algorithm 13 (ECDSA P-256 with SHA-256, RFC 6605). */
export interface SigningKey {
  id: number;
  /** Base64 of the curve point. */
  publicKey: string;
  /** Base64 of the scalar. */
  privateKey: string;
}

const flags = 257;
const protocol = 3;
const algorithm = 13;

export function newSigningKey(id: number): SigningKey {
  const {
    x = '',
    y = '',
    d = '',
  } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { id, publicKey: point.toString('base64'), privateKey: Buffer.from(d, 'base64url').toString('base64') };
}

/** The key as `…/cryptokeys` lists it; the single-key route adds `privatekey`. */
export function keyJson(zone: string, key: SigningKey): Record<string, unknown> {
  return {
    type: 'Cryptokey',
    id: key.id,
    keytype: 'csk',
    active: true,
    published: true,
    flags,
    algorithm: 'ECDSAP256SHA256',
    bits: 256,
    dnskey: `${flags} ${protocol} ${algorithm} ${key.publicKey}`,
    ds: ds(zone, key),
  };
}

export function privateKeyText(key: SigningKey): string {
  return `Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: ${key.privateKey}\n`;
}

/** RFC 4034 §5.1.4: the digest covers the owner name on the wire and the key's record data. */
function ds(zone: string, key: SigningKey): string[] {
  const data = Buffer.concat([
    Buffer.from([flags >> 8, flags & 0xff, protocol, algorithm]),
    Buffer.from(key.publicKey, 'base64'),
  ]);
  const labels = zone.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const owner = Buffer.concat(labels);
  const digests: [number, string][] = [
    [1, 'sha1'],
    [2, 'sha256'],
    [4, 'sha384'],
  ];
  return digests.map(([type, name]) => {
    const digest = createHash(name).update(owner).update(data).digest('hex');
    return `${keyTag(data)} ${algorithm} ${type} ${digest}`;
  });
}

/** RFC 4034, appendix B. */
function keyTag(data: Buffer): number {
  let sum = 0;
  data.forEach((octet, index) => {
    sum += index % 2 === 0 ? octet << 8 : octet;
  });
  return (sum + ((sum >> 16) & 0xffff)) & 0xffff;
}
