import type { RecordSet } from '@keelson/core';

/** Seconds; short enough that a move to another server is seen within the hour. */
const ttl = 3600;

/**
 * Our records of a hosted zone: apex, `www`, `mail`, MX, SPF (RFC 7208) and a monitoring DMARC policy (RFC 7489).
 * @param target address of the site, IPv4 or IPv6; host that takes mail, when it is not `mail.<zone>`
 */
export function zoneRecords(zone: string, target: { ip?: string; mailHost?: string }): RecordSet[] {
  const mailHost = target.mailHost ?? `mail.${zone}`;
  const mail: RecordSet[] = [
    { name: zone, type: 'MX', ttl, values: [`10 ${mailHost}`] },
    { name: zone, type: 'TXT', ttl, values: [target.ip === undefined ? 'v=spf1 mx ~all' : 'v=spf1 a mx ~all'] },
    { name: `_dmarc.${zone}`, type: 'TXT', ttl, values: ['v=DMARC1; p=none'] },
  ];
  if (target.ip === undefined) return target.mailHost === undefined ? [] : mail;
  const type = target.ip.includes(':') ? 'AAAA' : 'A';
  const site: RecordSet[] = [
    { name: zone, type, ttl, values: [target.ip] },
    { name: `www.${zone}`, type: 'CNAME', ttl, values: [zone] },
  ];
  if (target.mailHost === undefined) site.push({ name: `mail.${zone}`, type, ttl, values: [target.ip] });
  return [...site, ...mail];
}
