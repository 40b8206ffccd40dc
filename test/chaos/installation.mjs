import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '@keelson/database';
import { startSandbox } from '@keelson/sandbox';
import pg from 'pg';
import { parse, stringify } from 'yaml';
import { freePort, keelson, root, untilOk } from '../../bench/measure.mjs';

const sandboxConfig = fileURLToPath(new URL('../../apps/cli/sandbox.config.yaml', import.meta.url));
const played = ['stripe', 'cpanel-whm', 'powerdns', 'smtp', 'namesilo'];

/** A program that was started, with what it printed. */
class Program {
  constructor(name, command, args, env) {
    this.name = name;
    this.output = [];
    this.child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (data) => this.output.push(data));
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(signal ?? code)));
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  text() {
    return Buffer.concat(this.output).toString();
  }

  /** @param {NodeJS.Signals} signal */
  kill(signal) {
    if (this.running) this.child.kill(signal);
  }

  async stop() {
    this.kill('SIGCONT');
    this.kill('SIGTERM');
    await Promise.race([this.ended, sleep(20_000, undefined, { ref: false }).then(() => this.kill('SIGKILL'))]);
    await this.ended;
  }
}

/**
 * A whole installation as processes of its own (API, workers, Postgres, Redis), with every vendor played in this process, so that what the
 * vendors saw survives whatever is done to the rest.
 */
export class Installation {
  workers = [];
  #stops = [];

  /** @param {{ backend: 'postgres' | 'redis', workers?: number, latencyMs?: number, env?: Record<string, string> }} options */
  static async start(options) {
    const installation = new Installation();
    try {
      await installation.#start(options);
      return installation;
    } catch (error) {
      await installation.stop();
      throw error;
    }
  }

  async #start({ backend, workers = 3, latencyMs, env = {} }) {
    this.backend = backend;
    this.home = mkdtempSync(join(tmpdir(), 'keelson-chaos-'));
    this.#stops.push(() => rmSync(this.home, { recursive: true, force: true }));
    this.postgres = await startEmbeddedPostgres({ home: this.home });
    this.#stops.push(() => this.postgres.stop());
    if (backend === 'redis') await this.startRedis();
    const port = await freePort();
    this.apiUrl = `http://127.0.0.1:${port}`;
    this.sandbox = await startSandbox({
      port: 0,
      apiUrl: this.apiUrl,
      pluginsFolder: join(root, 'plugins'),
      plugins: played,
      storeFolder: join(root, 'examples/marketing-site'),
      ...(latencyMs === undefined ? {} : { latencyMs }),
    });
    this.#stops.push(() => this.sandbox.stop());
    this.token = randomBytes(32).toString('hex');
    const nameServer = this.sandbox.simulators
      .flatMap(({ endpoints }) => endpoints)
      .find(({ url }) => url.startsWith('dns://'));
    this.env = {
      ...process.env,
      ...this.sandbox.environment,
      KEELSON_HOME: this.home,
      KEELSON_CONFIG: join(this.home, 'keelson.config.yaml'),
      DATABASE_URL: this.postgres.url,
      ...(backend === 'redis' ? { REDIS_URL: this.redisUrl } : { REDIS_URL: '' }),
      PORT: String(port),
      APP_URL: this.apiUrl,
      NS1: 'ns1.sandbox.example',
      NS2: 'ns2.sandbox.example',
      DNS_RESOLVERS: nameServer.url.slice('dns://'.length),
      MPANEL_API_TOKEN: this.token,
      PUBLIC_RATE_LIMIT: '1000000',
      LOG_LEVEL: 'warn',
      ...env,
    };
    writeFileSync(this.env.KEELSON_CONFIG, withoutCertificates(readFileSync(sandboxConfig, 'utf8')));
    const setup = new Program('setup', keelson, ['setup'], this.env);
    if ((await setup.ended) !== 0) throw new Error(`setup failed:\n${setup.text()}`);
    await this.query('UPDATE servers SET capacity = 100000');
    this.api = this.spawn('api');
    await untilOk(`${this.apiUrl}/api/health`, performance.now());
    for (let index = 0; index < workers; index += 1) await this.addWorker();
  }

  /** Starts a role of Keelson. */
  spawn(role, env = {}, wrapper = []) {
    const [command, ...args] = [...wrapper, keelson, role];
    const program = new Program(role, command, args, { ...this.env, ...env });
    this.#stops.push(() => program.stop());
    return program;
  }

  /** Starts one more worker. @param {string[]} wrapper a program to start it through */
  async addWorker(env = {}, wrapper = []) {
    const worker = this.spawn('worker', env, wrapper);
    this.workers.push(worker);
    return worker;
  }

  /** Kills a worker the hard way and starts another in its place. */
  async replaceWorker(index) {
    const [worker] = this.workers.splice(index, 1);
    worker.kill('SIGKILL');
    await worker.ended;
    await this.addWorker();
  }

  async startRedis() {
    this.redisPort ??= await freePort();
    this.redisUrl = `redis://127.0.0.1:${this.redisPort}`;
    const redis = new Program(
      'redis',
      'redis-server',
      [
        '--port',
        String(this.redisPort),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        this.home,
        '--maxmemory-policy',
        'noeviction',
      ],
      process.env,
    );
    this.redis = redis;
    this.#stops.push(() => redis.stop());
    for (let tries = 0; tries < 200 && !redis.text().includes('Ready to accept'); tries += 1) await sleep(25);
  }

  /** One Redis command by the inline protocol, such as `FLUSHALL`. */
  async redisCommand(command) {
    const { connect } = await import('node:net');
    return new Promise((resolve, reject) => {
      const socket = connect(this.redisPort, '127.0.0.1', () => socket.write(`${command}\r\n`));
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.once('error', reject);
    });
  }

  /** Kills the database server the hard way; its supervisor starts it again. */
  killPostgres(signal = 'SIGKILL') {
    const pid = Number(readFileSync(join(this.home, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0]);
    process.kill(pid, signal);
  }

  /** Rows of a query on a connection of its own; waits while the database is away. */
  async query(sql, parameters = []) {
    for (let tries = 0; ; tries += 1) {
      const client = new pg.Client({ connectionString: this.postgres.url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query(sql, parameters)).rows;
      } catch (error) {
        if (tries >= 100 || !/ECONN|starting up|shutting down|terminat|recovery|closed/i.test(String(error)))
          throw error;
        await sleep(200);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  /** A call of the API as an operator. @returns {Promise<{ status: number, body: any }>} */
  async call(method, path, body, headers = {}) {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  }

  simulator(plugin) {
    return this.sandbox.simulators.find((simulator) => simulator.plugin === plugin);
  }

  async stop() {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}

/** Authorities allow 300 orders in three hours, so hundreds of orders at once would wait for certificates all day. */
function withoutCertificates(text) {
  const config = parse(text);
  config.plugins = config.plugins.filter((plugin) => plugin !== 'letsencrypt');
  delete config.connections['sandbox-certificates'];
  delete config.bindings.default.ssl;
  return stringify(config);
}
