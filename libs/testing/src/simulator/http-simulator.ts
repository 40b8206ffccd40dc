import { setTimeout as sleep } from 'node:timers/promises';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { FaultSwitches } from './fault-switches.js';
import type { Fault } from './fault.types.js';
import { Ledger } from './ledger.js';

declare module 'fastify' {
  interface FastifyRequest {
    fault?: Fault;
    /** Set by a handler for the ledger; the method and path otherwise. */
    operation?: string;
    subject?: string;
    arrivedAt?: number;
    /** Set by a handler that changed the vendor's state. */
    changed?: boolean;
  }
}

export interface HttpSimulatorOptions {
  port?: number;
  latencyMs?: number;
  ledger?: Ledger;
  faults?: FaultSwitches;
  /** Seed of the vendor's bad day; absent: it has none. */
  badDay?: number;
  /** Names an operation for ledger and faults. Default: `METHOD /path`, as the route is written (`GET /zones/:id`). */
  operationOf?: (request: FastifyRequest) => string;
  /** Paths that no fault and no ledger applies to, such as pages for people. */
  exempt?: (path: string) => boolean;
}

export interface HttpSimulator {
  app: FastifyInstance;
  ledger: Ledger;
  faults: FaultSwitches;
  /** Starts listening on loopback and returns the base URL. */
  listen(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The parts that every HTTP vendor simulator shares: JSON and form bodies, a ledger entry a call, and the fault switches.
 * Routes are added by the caller before `listen`.
 */
export function createHttpSimulator(options: HttpSimulatorOptions = {}): HttpSimulator {
  const ledger = options.ledger ?? new Ledger();
  const faults = options.faults ?? new FaultSwitches({ badDay: options.badDay });
  const app = fastify({ logger: false, bodyLimit: 4 * 1024 * 1024, forceCloseConnections: true });
  const operationOf =
    options.operationOf ?? ((request) => `${request.method} ${request.routeOptions.url ?? pathOf(request)}`);
  const exempt = options.exempt ?? (() => false);

  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body as string)));
  });
  app.addHook('onRequest', async (request) => {
    request.arrivedAt = performance.now();
  });
  app.addHook('preHandler', async (request, reply) => {
    if (exempt(pathOf(request))) return;
    request.operation ??= operationOf(request);
    const fault = faults.take(request.operation, request.url);
    request.fault = fault;
    const latency =
      fault?.kind === 'latency' ? (fault.value ?? 1000) : request.method === 'GET' ? 0 : (options.latencyMs ?? 0);
    if (latency > 0) await sleep(latency, undefined, { ref: false });
    if (fault?.kind === 'drop-before') record(request, 0);
    if (fault !== undefined) await failBefore(fault, request, reply);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    // The vendor has acted: the entry does not wait for what becomes of the answer.
    record(request, reply.statusCode);
    return request.fault === undefined ? payload : failAfter(request.fault, request, reply, payload);
  });

  // Nothing is sent to a caller that is gone, but the vendor has acted all the same.
  app.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = function (request, reply) {
      const result: unknown = handler.call(this, request, reply);
      const unanswered = () => {
        if (request.raw.socket.destroyed) record(request, 0);
      };
      if (result instanceof Promise) result.then(unanswered, unanswered);
      else unanswered();
      return result;
    };
  });

  const recorded = new WeakSet<FastifyRequest>();
  function record(request: FastifyRequest, status: number): void {
    if (exempt(pathOf(request)) || recorded.has(request)) return;
    recorded.add(request);
    ledger.add({
      at: Date.now(),
      operation: request.operation ?? operationOf(request),
      ...(request.subject === undefined ? {} : { subject: request.subject }),
      ...(request.arrivedAt === undefined ? {} : { tookMs: performance.now() - request.arrivedAt }),
      outcome: request.fault?.kind === 'drop-after' ? 'dropped' : String(status),
      changed: request.changed ?? false,
    });
  }

  return {
    app,
    ledger,
    faults,
    listen: () => app.listen({ host: '127.0.0.1', port: options.port ?? 0 }),
    stop: () => app.close(),
  };
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}

/** Faults that keep the vendor from acting. */
async function failBefore(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  switch (fault.kind) {
    case 'drop-before':
      reply.hijack();
      request.raw.socket.destroy();
      return;
    case 'rate-limit':
      await reply
        .code(429)
        .header('retry-after', String(fault.value ?? 1))
        .send({ error: 'Too Many Requests' });
      return;
    case 'rate-limit-silent':
      await reply.code(429).send({ error: 'Too Many Requests' });
      return;
    case 'server-error':
      await reply.code(500).send({ error: 'Internal Server Error' });
      return;
    case 'unavailable':
      await reply.code(503).send({ error: 'Service Unavailable' });
      return;
    default:
  }
}

/** Faults that spoil the answer after the vendor acted. */
async function failAfter(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  switch (fault.kind) {
    case 'drop-after':
      request.raw.socket.destroy();
      return payload;
    case 'html':
      reply.code(200).header('content-type', 'text/html').removeHeader('content-length');
      return '<html><body><h1>Gateway error</h1></body></html>';
    case 'truncated': {
      const text = typeof payload === 'string' ? payload : '';
      reply.removeHeader('content-length');
      return text.slice(0, Math.max(1, Math.floor(text.length / 2)));
    }
    case 'huge':
      reply.removeHeader('content-length');
      return JSON.stringify({ padding: 'x'.repeat(fault.value ?? 100 * 1024 * 1024) });
    case 'slow-drip':
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'application/json' });
      for (let sent = 0; sent < 600 && !request.raw.socket.destroyed; sent += 1) {
        reply.raw.write(' ');
        await sleep(100, undefined, { ref: false });
      }
      reply.raw.end();
      return payload;
    default:
      return payload;
  }
}
