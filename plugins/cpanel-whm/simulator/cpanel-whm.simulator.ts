import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createHttpSimulator, StateFile, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import { accountsPage } from './accounts-page.simulator.js';
import { callUapi, uapiNameOf } from './uapi.simulator.js';
import { whmFunctions } from './whm-accounts.simulator.js';
import { Refusal, type SimulatedAccount, type WhmAnswer, type WhmState } from './whm-state.types.js';

export interface WhmSimulatorOptions extends SimulatorOptions {
  /** IPv4 address of every account. Default 192.0.2.10. */
  accountIp?: string;
  /** Default ns1 and ns2.sandbox.example. */
  nameservers?: readonly string[];
}

/** A WHM server, with what only a test asks of it. */
export interface WhmSimulator extends Simulator {
  /** Settings of a connection as the reseller `reseller1`, who sees only accounts of its own. */
  readonly resellerSettings: Record<string, string>;
  /** What the server holds of an account. */
  account(user: string): SimulatedAccount | undefined;
  /** Makes the server full at so many accounts; 0 lifts it. */
  limitAccounts(limit: number): void;
}

/** Starts a WHM server on loopback that behaves like the vendor's documentation, and a page that lists its accounts at `/`. */
export async function startSimulator(options: WhmSimulatorOptions = {}): Promise<WhmSimulator> {
  const file = new StateFile<WhmState>(options.home, 'cpanel-whm', {
    tokens: { root: newToken(), reseller1: newToken() },
    accounts: {},
    accountLimit: 0,
    sessions: 0,
  });
  const state = file.data;
  file.save();
  const server = {
    accountIp: options.accountIp ?? '192.0.2.10',
    nameservers: options.nameservers ?? ['ns1.sandbox.example', 'ns2.sandbox.example'],
  };
  const envelope = new Envelope();
  const { app, ledger, faults, listen, stop } = createHttpSimulator({ ...options, exempt: (path) => path === '/' });

  app.addHook('preValidation', async (request) => {
    const args = argumentsOf(request.query, request.body);
    const { name } = request.params as { name?: string };
    if (name === undefined) return;
    request.operation = name === 'uapi_cpanel' ? uapiNameOf(args) : name;
    request.subject = args.user ?? args.username ?? args['cpanel.user'] ?? args.domain;
  });

  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(accountsPage(state)));

  app.all('/json-api/:name', async (request, reply) => {
    const caller = callerOf(request.headers.authorization, state.tokens);
    if (caller === undefined) {
      reply.raw.statusMessage = 'Forbidden Access denied';
      return reply.code(403).type('text/plain').send(JSON.stringify(accessDenied));
    }
    const { name } = request.params as { name: string };
    const args = argumentsOf(request.query, request.body);
    const known = Object.hasOwn(whmFunctions, name) ? whmFunctions[name] : undefined;
    const run = name === 'uapi_cpanel' ? callUapi : known;
    try {
      if (run === undefined) throw new Refusal(`Unknown app (“${name}”) requested for this version (1) of the API.`);
      const full = request.fault?.kind === 'exhausted';
      const answer = run({ args, caller, state, server, full });
      if (answer.changed === true) {
        request.changed = true;
        file.save();
      }
      return envelope.success(name, paged(answer, args));
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      return envelope.refusal(name, thrown.message);
    }
  });

  const url = await listen();
  return {
    plugin: 'cpanel-whm',
    endpoints: [
      { name: 'API', url: `${url}/json-api/` },
      { name: 'accounts', url: `${url}/` },
    ],
    settings: { url, username: 'root', apiToken: state.tokens.root ?? '' },
    resellerSettings: { url, username: 'reseller1', apiToken: state.tokens.reseller1 ?? '' },
    ledger,
    faults,
    account: (user) => structuredClone(state.accounts[user]),
    limitAccounts: (limit) => {
      state.accountLimit = limit;
      file.save();
    },
    stop,
  };
}

/** The shape of the first API, which WHM answers with whatever version was asked for. */
const accessDenied = {
  cpanelresult: {
    apiversion: '2',
    error: 'Access denied',
    data: { reason: 'Access denied', result: '0' },
    type: 'text',
  },
};

/**
 * The envelope of API 1, with the variety of real servers: `result` as number or text, `data` of a refusal absent, null or
 * empty, an incident number before some texts. Which variant comes next is the same in every run.
 */
class Envelope {
  private count = 0;

  success(command: string, { data, reason = 'OK', raw, metadata }: WhmAnswer & { metadata?: object }): object {
    const variant = this.next();
    const output = raw === undefined ? {} : { output: { raw } };
    return {
      metadata: { version: 1, command, result: variant === 0 ? '1' : 1, reason, ...metadata, ...output },
      data: data ?? {},
    };
  }

  refusal(command: string, text: string): object {
    const variant = this.next();
    const xid = createHash('sha256').update(String(this.count)).digest('hex').slice(0, 6);
    const reason = variant === 2 ? text : `(XID ${xid}) ${text}`;
    const metadata = { version: 1, command, result: variant === 0 ? '0' : 0, reason };
    return variant === 0 ? { metadata } : { metadata, data: variant === 1 ? null : {} };
  }

  private next(): number {
    this.count += 1;
    return this.count % 3;
  }
}

/** `api.sort` and `api.chunk` on the one list of an answer. */
function paged(answer: WhmAnswer, args: Record<string, string>): WhmAnswer & { metadata?: object } {
  const [entry] = Object.entries((answer.data ?? {}) as Record<string, unknown>).filter(([, value]) =>
    Array.isArray(value),
  );
  if (entry === undefined || args['api.chunk.enable'] !== '1') return answer;
  const [name, list] = entry as [string, Record<string, unknown>[]];
  const field = args['api.sort.a.field'];
  const sorted = field === undefined ? list : list.toSorted((a, b) => (String(a[field]) < String(b[field]) ? -1 : 1));
  const start = Number(args['api.chunk.start'] ?? 1);
  const size = Number(args['api.chunk.size'] ?? sorted.length);
  const chunk = { start, size, records: sorted.length };
  return {
    ...answer,
    data: { ...(answer.data as object), [name]: sorted.slice(start - 1, start - 1 + size) },
    metadata: { chunk },
  };
}

function argumentsOf(query: unknown, body: unknown): Record<string, string> {
  const form = typeof body === 'object' && body !== null ? body : {};
  return { ...(query as Record<string, string>), ...(form as Record<string, string>) };
}

function callerOf(header: string | undefined, tokens: Record<string, string>): string | undefined {
  const [, user = '', token = ''] = /^whm ([^:\s]+):(\S+)$/.exec(header ?? '') ?? [];
  const expected = Object.hasOwn(tokens, user) ? tokens[user] : undefined;
  return expected !== undefined && sameText(token, expected) ? user : undefined;
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function newToken(): string {
  return randomBytes(20).toString('hex').toUpperCase().slice(0, 32);
}
