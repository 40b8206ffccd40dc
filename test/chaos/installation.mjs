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
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => {
        this.output.push(data);
        if (this.output.length > 500) this.output.shift();
      });
    }
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
  #programs = [];
  #stopping = false;
  #stops = [];

  /** Starts everything but the workers. @param {{ backend: 'postgres' | 'redis', latencyMs?: number }} options */
  async start({ backend, latencyMs }) {
    this.backend = backend;
    this.home = mkdtempSync(join(tmpdir(), 'keelson-chaos-'));
    this.#stops.push(() => rmSync(this.home, { recursive: true, force: true }));
    this.postgres = await startEmbeddedPostgres({ home: this.home });
    this.#stops.push(() => this.postgres.stop());
    this.#stops.push(() => this.client?.end().catch(() => undefined));
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
    };
    writeFileSync(this.env.KEELSON_CONFIG, withoutCertificates(readFileSync(sandboxConfig, 'utf8')));
    const setup = this.spawn('setup');
    if ((await setup.ended) !== 0) throw new Error(`setup failed:\n${setup.text()}`);
    await this.query('UPDATE servers SET capacity = 100000');
    this.api = this.spawn('api');
    await untilOk(`${this.apiUrl}/api/health`, performance.now());
  }

  /** Starts a role of Keelson. */
  spawn(role, env = {}) {
    const program = new Program(role, keelson, [role], { ...this.env, ...env });
    this.#programs.push(program);
    return program;
  }

  async addWorkers(count) {
    for (let index = 0; index < count; index += 1) await this.addWorker();
  }

  /** Starts one more worker. */
  async addWorker(env = {}) {
    const worker = this.spawn('worker', env);
    this.workers.push(worker);
    return worker;
  }

  /** Kills a worker the hard way and starts another in its place. Returns the steps that the dead one had begun. */
  async killWorker(index) {
    const [worker] = this.workers.splice(index, 1);
    worker.kill('SIGKILL');
    await worker.ended;
    const held = await this.heldBy(worker);
    await this.addWorker();
    return held;
  }

  /** Steps that a worker has begun and not finished. @returns {Promise<{ id: string, fence: string }[]>} */
  heldBy({ child }) {
    return this.query(`SELECT id, fence FROM provisioning_steps WHERE state = 'intent' AND worker LIKE $1`, [
      `%:${child.pid}:%`,
    ]);
  }

  /** Starts a worker again whenever it ends, as the supervisor of a real installation does, until the returned function is called. */
  keepWorkers(env) {
    let on = true;
    const keep = async (worker) => {
      await worker.ended;
      if (!on || this.#stopping) return;
      this.workers.splice(this.workers.indexOf(worker), 1);
      await sleep(500);
      if (on && !this.#stopping) void keep(await this.addWorker(env));
    };
    for (const worker of this.workers) void keep(worker);
    return () => (on = false);
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

  /** Rows of a query; waits while the database is away. */
  async query(sql, parameters = []) {
    for (let tries = 0; ; tries += 1) {
      try {
        this.client ??= await this.#connect();
        return (await this.client.query(sql, parameters)).rows;
      } catch (error) {
        this.client = undefined;
        const away =
          /^(57P|08)/.test(error.code ?? '') || /ECONN|EPIPE|terminat|closed|not queryable/i.test(String(error));
        if (tries >= 150 || !away) throw error;
        await sleep(200);
      }
    }
  }

  async #connect() {
    // Ours may write when a fault forbids it to everybody else.
    const options = '-c default_transaction_read_only=off';
    const client = new pg.Client({ connectionString: this.postgres.url, options });
    client.on('error', () => (this.client = undefined));
    await client.connect();
    return client;
  }

  /** A call of the API as an operator. @returns {Promise<{ status: number, body: any }>} */
  async call(method, path, body, headers = {}) {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  }

  simulator(plugin) {
    return this.sandbox.simulators.find((simulator) => simulator.plugin === plugin);
  }

  /** Ends everything and leaves nothing behind. Repeating it does nothing. */
  async stop() {
    this.#stopping = true;
    await Promise.all(this.#programs.splice(0).map((program) => program.stop()));
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
