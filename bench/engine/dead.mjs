// One dead server of three. Orders for the two live ones alone, and then the same with half as many again for a third that accepts connections and
// never answers: how many orders a second the two get done, with and without it. All three are spoken to by the real plugin over HTTP, the live ones are its simulators.
import { createServer } from 'node:net';
import { guardAdapter, provisionerPort } from '@keelson/core';
import { newId } from '@keelson/database';
import { CpanelWhmConfig } from '../../plugins/cpanel-whm/dist/src/cpanel-whm.config.js';
import {
  CpanelWhmProvisionerAdapter,
  provisionerCapabilities,
} from '../../plugins/cpanel-whm/dist/src/cpanel-whm.provisioner.adapter.js';
import { startSimulator } from '../../plugins/cpanel-whm/dist/simulator/index.js';
import { median, spread } from '../measure.mjs';
import { Stores } from '../stores.mjs';
import { Engine } from './engine.mjs';
import { hostingRecipes, orderHosting } from './hosting.mjs';

const target = 0.95;
const latencyMs = 300;

const perSecond = (rate) => `${rate.toFixed(1)} a second`;

/** The connections of servers, and nothing else bound: what an order does is done at its server. */
class Servers {
  #bound = new Map();

  find = async (port, { serverConnectionId }) =>
    port.id === provisionerPort.id ? this.#bound.get(serverConnectionId) : undefined;

  async add(dataSource, name, settings) {
    const connectionId = newId();
    await dataSource.query(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, $2, 'cpanel-whm', '{}', '', 'config')`,
      [connectionId, name],
    );
    await dataSource.query('INSERT INTO servers (id, name, connection_id, capacity) VALUES ($1, $2, $3, 100000)', [
      newId(),
      name,
      connectionId,
    ]);
    const adapter = new CpanelWhmProvisionerAdapter(Object.assign(new CpanelWhmConfig(), settings));
    const options = { port: provisionerPort, capabilities: provisionerCapabilities, connection: name };
    this.#bound.set(connectionId, { adapter: guardAdapter(adapter, options), connectionId, connection: name });
  }
}

/** Accepts every connection and never says a word. Returns its address, and how many connections there were. */
async function startDeadServer(stores) {
  const sockets = new Set();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stores.onClose(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, accepted: () => accepted };
}

/**
 * Orders a second of the two live servers until all that were placed on them are done. With the dead one there are half as many orders again, which
 * go to it, give or take one: who is placed at the same moment takes the next best server.
 */
async function measure({ redis }, live, withDead) {
  const stores = new Stores();
  try {
    const databaseUrl = await stores.postgres();
    const redisUrl = redis && (await stores.redis({ durable: false }));
    const servers = new Servers();
    let services;
    const recipes = (dataSource) => {
      const made = hostingRecipes(dataSource, servers);
      services = made.services;
      return made.recipes;
    };
    const engine = await Engine.open({ databaseUrl, redisUrl, recipes, ports: servers });
    stores.onClose(() => engine.close());
    const { dataSource } = engine;
    for (const name of ['live 1', 'live 2']) {
      const simulator = await startSimulator({ port: 0, latencyMs });
      stores.onClose(() => simulator.stop());
      await servers.add(dataSource, name, simulator.settings);
    }
    const silent = withDead ? await startDeadServer(stores) : undefined;
    if (silent !== undefined) {
      const settings = { url: silent.url, username: 'root', apiToken: 'A'.repeat(32) };
      await servers.add(dataSource, 'dead', settings);
    }
    const count = withDead ? live * 1.5 : live;
    const domains = Array.from({ length: count }, (_, index) => `order-${index}.com`);
    const orders = await orderHosting(dataSource, services, domains, 'external');
    // Those at the dead server are still waiting when the measurement ends.
    engine.runAll(engine.registry.newest('hosting.provision'), orders).catch(() => undefined);
    for (const end = performance.now() + 600_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const [{ done, hanging, wall }] = await dataSource.query(
        `SELECT count(*) FILTER (WHERE t.status = 'completed')::int AS done,
                count(*) FILTER (WHERE s.server_id = (SELECT id FROM servers WHERE name = 'dead'))::int AS hanging,
                extract(epoch FROM max(t.completed_at) - min(t.created_at))::float8 AS wall
           FROM provisioning_tasks t JOIN services s ON s.id = t.service_id`,
      );
      if (done + hanging >= count) {
        if (withDead && (hanging < live / 4 || silent.accepted() === 0))
          throw new Error('nothing hung at the dead server');
        return done / wall;
      }
      if (performance.now() > end)
        throw new Error(`only ${done} orders of ${count} were done, ${hanging} hang as they should`);
    }
  } finally {
    await stores.close();
  }
}

/** @returns {Promise<object[]>} rows for `report` */
export async function dead({ quick }) {
  const live = quick ? 24 : 160;
  const rounds = quick ? 1 : 3;
  const rows = [];
  for (const backend of [{ name: 'Postgres' }, { name: 'Redis', redis: true }]) {
    const rates = { without: [], with: [] };
    for (let round = 0; round < rounds; round += 1) {
      rates.without.push(await measure(backend, live, false));
      rates.with.push(await measure(backend, live, true));
    }
    const share = median(rates.without.map((rate, round) => rates.with[round] / rate));
    rows.push(
      { figure: `${backend.name}: ${live} orders at two servers`, value: spread(rates.without, perSecond) },
      { figure: `${backend.name}: beside ${live / 2} at a dead third`, value: spread(rates.with, perSecond) },
      { figure: '  throughput that is left', value: share.toFixed(3), target: `≥ ${target}`, met: share >= target },
    );
  }
  return rows;
}
