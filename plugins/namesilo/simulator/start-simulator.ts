import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpSimulator, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import { accountPage } from './account-page.js';
import { AccountStore, Refusal, type SimulatedDomain, type SimulatedOrder } from './account-store.js';
import { contactOperations } from './contact-operations.js';
import { domainOperations } from './domain-operations.js';
import type { Operation, OperationAnswer } from './operations.js';
import { orderOperations } from './order-operations.js';
import { replyXml } from './reply-xml.js';

/** A NameSilo account, with what only time, other registrars and the accounts department can do. */
export interface NameSiloSimulator extends Simulator {
  /** What time it is there. */
  now(): Date;
  /** Lets time pass: transfers come to their end, domains expire. */
  advance(milliseconds: number): void;
  /** Sets the account funds, in US cents. */
  setBalance(cents: number): void;
  /** Makes the name belong to a customer of another registrar. */
  registerElsewhere(domain: string, options?: { authCode?: string; locked?: boolean }): void;
  /** What the first year costs, in US cents. */
  setPremium(domain: string, cents: number): void;
  /** Changes a domain of the account by hand. */
  editDomain(domain: string, change: Partial<SimulatedDomain>): void;
  /** The next call of the operation, or the one `after` so many, is not worked on but answered with this code, be it success. */
  answerNext(operation: string, code: number, options?: { detail?: string; after?: number }): void;
  domain(name: string): SimulatedDomain | undefined;
  /** Everything that was paid, oldest first. */
  orders(): SimulatedOrder[];
}

const operations: Readonly<Record<string, Operation>> = {
  ...domainOperations,
  ...orderOperations,
  ...contactOperations,
};
const costs = new Set(['registerDomain', 'renewDomain', 'transferDomain']);
const dayMs = 24 * 3_600_000;

/** Starts a stand-in for NameSilo on loopback: its XML API below `/api` and `/apibatch`, and a page of the account at `/`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<NameSiloSimulator> {
  const store = new AccountStore(options.home);
  const canned: { operation: string; code: number; detail: string; after: number }[] = [];
  const working = new Set<string>();
  const { app, ledger, faults, listen, stop } = createHttpSimulator({
    port: options.port,
    badDay: options.badDay,
    exempt: (path) => !path.startsWith('/api'),
  });

  const run = async (operation: string, args: Record<string, string>, broke: boolean): Promise<OperationAnswer> => {
    refuseMalformed(args, store.state.apiKey);
    const work = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (work === undefined) throw new Refusal(107, 'Invalid API operation');
    const due = canned.find((one) => one.operation === operation);
    if (due !== undefined && due.after > 0) due.after -= 1;
    else if (due !== undefined) {
      canned.splice(canned.indexOf(due), 1);
      throw new Refusal(due.code, due.detail);
    }
    if (broke && costs.has(operation)) throw new Refusal(119, 'Insufficient account funds');
    if (faults.badDay?.happens(`${operation} registry`, 0.01) === true)
      throw new Refusal(115, 'The registry is not responding');
    const request = JSON.stringify([operation, args]);
    if (working.has(request)) throw new Refusal(400, 'An identical request is still being processed');
    working.add(request);
    try {
      if ((options.latencyMs ?? 0) > 0 && isActing(operation))
        await sleep(options.latencyMs, undefined, { ref: false });
      store.settle();
      const need = (name: string): string => {
        const value = args[name] ?? '';
        if (value === '') throw new Refusal(108, `Missing required parameters: ${name}`);
        return name === 'domain' ? value.toLowerCase() : value;
      };
      const done = work({ store, args, need });
      if (done.changed === true) store.save();
      return done;
    } finally {
      working.delete(request);
    }
  };

  app.addHook('preValidation', async (request) => {
    const { operation } = request.params as { operation?: string };
    const { domain, domains } = request.query as Record<string, string>;
    request.operation = operation;
    request.subject = domain ?? domains;
  });
  for (const folder of ['api', 'apibatch']) {
    app.get(`/${folder}/:operation`, async (request, reply) => {
      const { operation } = request.params as { operation: string };
      void reply.type('text/xml; charset=utf-8');
      try {
        const {
          code = 300,
          detail = 'success',
          fields,
          changed,
        } = await run(operation, request.query as Record<string, string>, request.fault?.kind === 'exhausted');
        request.changed = changed;
        return replyXml(operation, code, detail, fields);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        return replyXml(operation, thrown.code, thrown.message);
      }
    });
  }
  const advance = (milliseconds: number): void => {
    store.state.ahead += milliseconds;
    store.settle();
  };
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(accountPage(store)));
  app.post('/advance', async (request, reply) => {
    const days = Number((request.body as { days?: string } | undefined)?.days);
    if (Number.isInteger(days) && days > 0 && days <= 3_660) advance(days * dayMs);
    return reply.redirect('/', 303);
  });
  const acting = (work: () => void): void => {
    work();
    store.save();
  };
  const baseUrl = await listen();
  return {
    plugin: 'namesilo',
    endpoints: [
      { name: 'API', url: `${baseUrl}/apibatch/` },
      { name: 'account', url: `${baseUrl}/` },
    ],
    settings: { apiKey: store.state.apiKey, baseUrl },
    ledger,
    faults,
    now: () => new Date(store.now()),
    advance,
    setBalance: (cents) => acting(() => void (store.state.balance = cents)),
    registerElsewhere: (domain, { authCode = `auth-${domain}`, locked = false } = {}) =>
      acting(() => {
        const expires = new Date(store.now() + 200 * dayMs).toISOString().slice(0, 10);
        store.state.foreign[domain] = { authCode, locked, expires };
      }),
    setPremium: (domain, cents) => acting(() => void (store.state.premium[domain] = cents)),
    editDomain: (domain, change) => acting(() => void Object.assign(store.domain(domain), change)),
    answerNext: (operation, code, { detail = 'as the test asked', after = 0 } = {}) =>
      void canned.push({ operation, code, detail, after }),
    domain: (name) => structuredClone(store.state.domains[name]),
    orders: () => structuredClone(store.state.orders),
    stop,
  };
}

function isActing(operation: string): boolean {
  return !/^(get|list|check|contactList|dnsSecList)/.test(operation);
}

function refuseMalformed(args: Record<string, string>, apiKey: string): void {
  if (args.version === undefined) throw new Refusal(102, 'No version specified');
  if (args.version !== '1') throw new Refusal(103, 'Invalid API version');
  if (args.type === undefined) throw new Refusal(104, 'No type specified');
  if (args.type !== 'xml') throw new Refusal(105, 'Invalid API type');
  if (args.key === undefined || args.key === '') throw new Refusal(109, 'No API key specified');
  if (args.key !== apiKey) throw new Refusal(110, 'Invalid API key');
}
