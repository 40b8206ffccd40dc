import { canonicalRecordValue, type RecordType } from '@keelson/core';

/** RFC 1035 §3.3: a character-string holds at most 255 octets. */
const chunkBytes = 255;
const hostTypes: ReadonlySet<RecordType> = new Set(['CNAME', 'NS', 'MX', 'SRV']);

/** A value of the port as the API's `content`: host names end with a dot, TXT is quoted in chunks. */
export function contentOf(type: RecordType, value: string): string {
  if (type === 'TXT') return quoted(value);
  return hostTypes.has(type) && !value.endsWith('.') ? `${value}.` : value;
}

/**
 * The API's `content` as a value of the port. Servers differ in spelling (5.1 normalises, older ones keep what was
 * written), so the result is the canonical one; content that is not valid, as an operator may have written it, stays as it is.
 */
export function valueOf(type: RecordType, content: string): string {
  if (type === 'TXT') return unquoted(content);
  const bare = hostTypes.has(type) ? content.replace(/(?<=[^ .])\.$/, '') : content;
  try {
    return canonicalRecordValue(type, bare);
  } catch {
    return bare;
  }
}

/** RFC 1035 §5.1: `\"`, `\\`, and `\DDD` for every octet that is not printable ASCII (5.1 refuses those bare). */
function quoted(text: string): string {
  const octets = Buffer.from(text, 'utf8');
  const chunks: string[] = [];
  for (let start = 0; start === 0 || start < octets.length; start += chunkBytes) {
    chunks.push(`"${[...octets.subarray(start, start + chunkBytes)].map(escaped).join('')}"`);
  }
  return chunks.join(' ');
}

function escaped(octet: number): string {
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return character === '"' || character === '\\' ? `\\${character}` : character;
}

/** The text of one or more character-strings, quoted or not, joined without a gap. Octets that are no UTF-8 become U+FFFD. */
function unquoted(content: string): string {
  const parts: Buffer[] = [];
  for (const [, inQuotes, bare] of content.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/gs)) {
    for (const [, decimal, literal, plain] of (inQuotes ?? bare ?? '').matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gsu)) {
      parts.push(
        decimal === undefined ? Buffer.from(literal ?? plain ?? '', 'utf8') : Buffer.from([Number(decimal) & 0xff]),
      );
    }
  }
  return Buffer.concat(parts).toString('utf8');
}
