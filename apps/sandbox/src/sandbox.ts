import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { type Fault, type Simulator, StateFile } from '@keelson/testing/simulator';
import { fastify, type FastifyInstance } from 'fastify';
import { findSimulators } from './find-simulators.js';
import { indexPage } from './index-page.js';
import { PortPlan } from './port-plan.js';
import { environmentOf } from './sandbox-environment.js';

export interface SandboxOptions {
  /** Port of the sandbox's pages; the simulators take those after it. 0: free ports. */
  port: number;
  /** Folder in which the vendors keep their state over restarts; absent: in memory. */
  home?: string;
  /** Where browsers reach the API. */
  apiUrl: string;
  pluginsFolder: string;
  /** Ids of the plugins whose vendors are played; those without a simulator are left out. Absent: all there are. */
  plugins?: readonly string[];
  /** Folder of the sample store. */
  storeFolder: string;
  /** Milliseconds that every call which changes something takes. */
  latencyMs?: number;
  /** Seed of the vendors' bad day; absent: they behave. */
  badDay?: number;
}

export interface Sandbox {
  url: string;
  storeUrl: string;
  simulators: readonly Simulator[];
  /** Environment variables with which a configuration reaches the vendors; holds their (play) secrets. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts every simulator, the store and the control API on loopback. Rejects when a port is taken, with nothing left running. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { home, apiUrl, latencyMs, badDay } = options;
  const plan = new PortPlan(options.port, home);
  const secrets = new StateFile(home, 'secrets', { webhook: `whsec_${randomBytes(24).toString('base64url')}` });
  secrets.save();
  const simulators: Simulator[] = [];
  try {
    for (const { plugin, start } of await findSimulators(options.pluginsFolder, options.plugins)) {
      const webhookUrl = `${apiUrl}/api/webhooks/${plugin}`;
      const port = plan.of(plugin);
      simulators.push(
        await start({
          port,
          webhookUrl,
          webhookSecret: secrets.data.webhook,
          nameServer: () => nameServerAmong(simulators),
          ...(home === undefined ? {} : { home: join(home, plugin) }),
          ...(latencyMs === undefined ? {} : { latencyMs }),
          ...(badDay === undefined ? {} : { badDay }),
        }),
      );
    }
    const app = await pages(options, simulators);
    const url = await app.listen({ host: '127.0.0.1', port: options.port });
    return {
      url,
      storeUrl: `${url}/store/`,
      simulators,
      environment: environmentOf(simulators),
      stop: async () => {
        await Promise.all(simulators.map((simulator) => simulator.stop()));
        await app.close();
      },
    };
  } catch (error) {
    await Promise.all(simulators.map((simulator) => simulator.stop()));
    throw error;
  }
}

/** `address:port` of the simulator that answers DNS. */
export function nameServerAmong(simulators: readonly Pick<Simulator, 'endpoints'>[]): string | undefined {
  const endpoint = simulators.flatMap(({ endpoints }) => endpoints).find(({ url }) => url.startsWith('dns://'));
  return endpoint?.url.slice('dns://'.length);
}

async function pages(
  { apiUrl, storeFolder }: SandboxOptions,
  simulators: readonly Simulator[],
): Promise<FastifyInstance> {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.get('/', (_request, reply) => reply.type('text/html').send(indexPage(apiUrl, simulators)));
  app.get('/store/config.js', (_request, reply) =>
    reply.type('text/javascript').send(`window.KEELSON_API = ${JSON.stringify(apiUrl)};\n`),
  );
  await app.register(fastifyStatic, { root: storeFolder, prefix: '/store/', globIgnore: ['config.js'] });
  control(app, simulators);
  return app;
}

/** For tests and demonstrations: what the vendors saw, and how they shall misbehave. */
function control(app: FastifyInstance, simulators: readonly Simulator[]): void {
  const find = (plugin: string) => simulators.find((simulator) => simulator.plugin === plugin);
  type Route = { Params: { plugin: string }; Body: Fault[] };
  app.get<Route>('/control/:plugin/ledger', (request, reply) => {
    const simulator = find(request.params.plugin);
    return simulator === undefined
      ? reply.code(404).send({ error: 'no such simulator' })
      : reply.send(simulator.ledger.entries());
  });
  app.post<Route>('/control/:plugin/faults', (request, reply) => {
    const simulator = find(request.params.plugin);
    if (simulator === undefined) return reply.code(404).send({ error: 'no such simulator' });
    simulator.faults.set(...request.body);
    return reply.send(simulator.faults.active());
  });
  app.delete<Route>('/control/:plugin/faults', (request, reply) => {
    const simulator = find(request.params.plugin);
    if (simulator === undefined) return reply.code(404).send({ error: 'no such simulator' });
    simulator.faults.clear();
    return reply.send([]);
  });
}
