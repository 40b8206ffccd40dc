import { createHttpSimulator, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import { startDnsServer } from './dns-server.js';
import { addZoneApi, operationOf } from './zone-api.js';
import { zonePage } from './zone-page.js';
import { ZoneStore } from './zone-store.js';

const apiKey = 'simulated-powerdns-api-key';

/**
 * A PowerDNS 4.7 on loopback: its HTTP API, and a name server that answers for the zones in it on UDP and TCP. With
 * `port`, the API listens there and the name server on the next one.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, home, latencyMs, badDay } = options;
  const store = new ZoneStore(home);
  const http = createHttpSimulator({ port, latencyMs, badDay, operationOf, exempt: (path) => path === '/' });
  const dns = await startDnsServer(port === 0 ? 0 : port + 1, () => store.list());
  addZoneApi(http.app, store, apiKey);
  http.app.get('/', (_request, reply) => reply.type('text/html').send(zonePage(store.list(), dns.port)));
  const url = await http.listen();
  return {
    plugin: 'powerdns',
    endpoints: [
      { name: 'API', url },
      { name: 'DNS', url: `dns://127.0.0.1:${dns.port}` },
    ],
    settings: { url, apiKey },
    ledger: http.ledger,
    faults: http.faults,
    async stop() {
      await Promise.all([http.stop(), dns.stop()]);
    },
  };
}
