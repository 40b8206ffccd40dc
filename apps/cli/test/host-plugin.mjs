// node host-plugin.mjs <url of @keelson/core> <folder of zone files>: what an installation does with an installed plugin.
const [coreUrl, folder] = process.argv.slice(2);
const core = await import(coreUrl);
const { createAdapter, dnsPort, loadPlugins, probeContext, runCall, validateSettings } = core;

const registry = await loadPlugins({ enabled: ['zonefile'], pluginsFolder: `${folder}/none` });
const checked = validateSettings(registry.get('zonefile').manifest.settings, { folder });
const connection = { name: 'zones', plugin: 'zonefile', settings: checked.settings };
const dns = createAdapter(registry, connection, dnsPort, probeContext('zones'), () => undefined);
const zone = await dns.ensureZone({ zone: 'example.com', nameservers: ['ns1.example.net'], owner: 'srv_1' });
await dns.putRecords('example.com', [{ name: 'www.example.com', type: 'A', ttl: 300, values: ['192.0.2.1'] }]);
const givenUp = await runCall({ signal: AbortSignal.abort() }, () =>
  registry.adapterOffer('zonefile', 'dns').create(checked.settings, probeContext('zones')).findZone('example.com'),
).catch((thrown) => thrown.code);
console.log(JSON.stringify({ folder: registry.get('zonefile').folder, zone: zone.zone, givenUp }));
