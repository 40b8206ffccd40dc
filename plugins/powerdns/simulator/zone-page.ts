import { serialOf, type StoredZone } from './zone-store.js';

/** A page for people: every zone with its records. */
export function zonePage(zones: readonly StoredZone[], dnsPort: number): string {
  const body = zones.length === 0 ? '<p>No zones yet.</p>' : zones.map(section).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Name server</title>
<style>
  body { font: 15px system-ui; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  td, th { border-bottom: 1px solid #ddd; padding: .25rem .5rem; text-align: left; overflow-wrap: anywhere }
</style>
<h1>Zones</h1>
<p>Ask with <code>dig @127.0.0.1 -p ${dnsPort} example.com A</code>.</p>
${body}
</html>
`;
}

function section(zone: StoredZone): string {
  const rows = zone.rrsets.flatMap(({ name, ttl, type, records }) =>
    records.map(({ content }) => `<tr><td>${escape(name)}<td>${ttl}<td>${type}<td>${escape(content)}`),
  );
  const owner = zone.account === '' ? 'no owner' : `owner ${escape(zone.account)}`;
  return `<h2>${escape(zone.name)}</h2>
<p>${owner}, serial ${serialOf(zone)}, ${zone.keys.length > 0 ? 'signed' : 'not signed'}</p>
<table><tr><th>Name<th>TTL<th>Type<th>Content
${rows.join('\n')}
</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
