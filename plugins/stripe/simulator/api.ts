import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, invalid } from './api-error.js';
import { nest, type Fields } from './form-fields.js';
import type { List, StripeObject } from './stripe-objects.js';
import { token, type StripeStore } from './stripe-store.js';

/** What a handler is given: path id, and the fields of query or body. */
export interface ApiCall {
  id: string;
  fields: Fields;
}

type Method = 'GET' | 'POST' | 'DELETE';
type Answer = StripeObject | List<unknown>;

/**
 * The conventions of the API: bearer key, `request-id`, error envelopes, idempotency keys, `expand`. Handlers run without a
 * pause, so that two requests never see each other's half-done work.
 */
export class Api {
  constructor(
    private readonly app: FastifyInstance,
    private readonly store: StripeStore,
  ) {
    app.addHook('preHandler', async (request, reply) => {
      if (!isApi(request)) return;
      reply.header('request-id', `req_${token(14)}`);
      this.authenticate(request);
    });
    app.setErrorHandler((error, _request, reply) => sendError(reply, error));
    app.setNotFoundHandler((request, reply) =>
      sendError(
        reply,
        new ApiError(404, {
          type: 'invalid_request_error',
          message: `Unrecognized request URL (${request.method}: ${request.url}).`,
        }),
      ),
    );
  }

  /** Serves one operation. Everything but GET is on disk when it is answered. */
  on(method: Method, url: string, handle: (call: ApiCall) => Answer): void {
    this.app.route({
      method,
      url,
      handler: (request, reply) => {
        const call: ApiCall = { id: (request.params as { id?: string }).id ?? '', fields: fieldsOf(request) };
        if (method === 'GET') return this.shown(handle(call), call.fields);
        return this.once(request, reply, () => {
          const answer = handle(call);
          request.changed = true;
          if ('id' in answer) request.subject = answer.id;
          return this.shown(answer, call.fields);
        });
      },
    });
  }

  private authenticate(request: FastifyRequest): void {
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key === this.store.state.secretKey) return;
    throw new ApiError(401, {
      type: 'invalid_request_error',
      message:
        key === undefined
          ? 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.'
          : `Invalid API Key provided: ${key.slice(0, 8)}***${key.slice(-4)}`,
    });
  }

  /** Replays the first answer to the same idempotency key. Refused requests are not remembered. */
  private once(request: FastifyRequest, reply: FastifyReply, work: () => unknown): unknown {
    const { replies } = this.store.state;
    const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
    if (typeof key !== 'string') return this.saved(work);
    if (key.length > 255) throw invalid('Idempotency keys can be at most 255 characters long.');
    const hash = createHash('sha256')
      .update(`${request.url}\n${JSON.stringify(request.body)}`)
      .digest('hex');
    const stored = Object.hasOwn(replies, key) ? replies[key] : undefined;
    if (stored === undefined) {
      return this.saved(() => {
        const body = work();
        replies[key] = { request: hash, status: 200, body: structuredClone(body), at: Date.now() };
        return body;
      });
    }
    if (stored.request !== hash) {
      throw new ApiError(400, {
        type: 'idempotency_error',
        message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      });
    }
    reply.code(stored.status).header('idempotent-replayed', 'true');
    return stored.body;
  }

  private saved(work: () => unknown): unknown {
    const result = work();
    this.store.save();
    return result;
  }

  private shown(answer: Answer, fields: Fields): Answer {
    const paths = (Array.isArray(fields.expand) ? fields.expand : []).filter(
      (path): path is string => typeof path === 'string',
    );
    if (answer.object !== 'list') return this.store.expanded(answer as StripeObject, paths);
    const inList = paths.map((path) => path.replace(/^data\./, ''));
    const list = answer as List<StripeObject>;
    return { ...list, data: list.data.map((one) => this.store.expanded(one, inList)) };
  }
}

/** One page of a list, newest first, as `limit` and `starting_after` ask. */
export function pageOf<T extends StripeObject>(all: readonly T[], fields: Fields, url: string): List<T> {
  const limit = Math.min(100, Math.max(1, Number(fields.limit ?? 10) || 10));
  const newestFirst = [...all].reverse();
  const after = newestFirst.findIndex(({ id }) => id === fields.starting_after);
  const rest = newestFirst.slice(after + 1);
  return { object: 'list', data: rest.slice(0, limit), has_more: rest.length > limit, url };
}

function isApi(request: FastifyRequest): boolean {
  return request.url.startsWith('/v1/');
}

function fieldsOf(request: FastifyRequest): Fields {
  return nest(((request.method === 'POST' ? request.body : request.query) as Record<string, unknown> | null) ?? {});
}

function sendError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const { statusCode } = (thrown ?? {}) as { statusCode?: number };
  const error =
    thrown instanceof ApiError
      ? thrown
      : statusCode !== undefined && statusCode < 500
        ? new ApiError(statusCode, { type: 'invalid_request_error', message: 'The request cannot be read.' })
        : new ApiError(500, { type: 'api_error', message: 'An unknown error occurred' });
  return reply.code(error.status).type('application/json').send({ error: error.error });
}
