import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { Settings } from '@keelson/core';
import { Logger } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { actorOf } from '../access/caller.decorator.js';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../problem/problem.errors.js';
import { bodyLimit, webhookBodyLimit } from './http-limits.js';

/** Fastify as the API uses it. */
export function httpAdapter(settings: Settings): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit,
    trustProxy: trustOf(settings.trustProxy),
    requestIdHeader: false,
    genReqId: (request: { headers: IncomingHttpHeaders }) => requestId(request.headers['x-request-id']),
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 255 },
  });
}

/** Limits, headers, origins and the request log. Call it before the routes are made. */
export async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  app.useSecurityHeaders({
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': settings.appUrl.startsWith('https:') } },
    strictTransportSecurity: settings.appUrl.startsWith('https:'),
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  await server.register(cors, {
    origin: settings.corsOrigins,
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id', 'x-api-key', 'x-request-id'],
    exposedHeaders: ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after', 'x-request-id'],
    maxAge: 600,
  });
  await server.register(rateLimit, {
    global: false,
    max: settings.publicRate.limit,
    timeWindow: settings.publicRate.windowMs,
    enableDraftSpec: true,
    errorResponseBuilder: (_, { ttl }) =>
      new ProblemError(429, {
        code: 'rate-limited',
        detail: `Too many requests. Try again in ${Math.ceil(ttl / 1000)} seconds.`,
      }),
  });
  app.useBodyParser('application/json', { bodyLimit }, jsonParser(server));
  limitWebhooks(server);
  takeAnyWebhookBody(server);
  logRequests(server);
}

/** Fastify's own parser, which refuses forged prototypes, with one answer to everything that it refuses. */
function jsonParser(server: FastifyInstance) {
  const parse = server.getDefaultJsonParser('error', 'error');
  return (request: FastifyRequest, body: Buffer, done: (error: Error | null, parsed?: unknown) => void): void => {
    void parse(request, body.toString('utf8'), (error, parsed) => {
      if (error === null) return done(null, parsed);
      done(new ProblemError(400, { code: 'malformed-json', detail: 'The body is not valid JSON.' }));
    });
  };
}

const webhookPath = /^(\/api)?\/webhooks\//;

function limitWebhooks(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (webhookPath.test(route.url)) route.bodyLimit = webhookBodyLimit;
  });
}

/** A webhook is judged by the signature over its bytes, whatever it calls them; everything else is JSON. */
function takeAnyWebhookBody(server: FastifyInstance): void {
  server.removeContentTypeParser('text/plain');
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (webhookPath.test(request.url)) {
      Object.assign(request, { rawBody: body });
      return done(null, undefined);
    }
    done(new ProblemError(415, { code: 'unsupported-media-type', detail: 'Send the body as application/json.' }));
  });
}

/** One line per request: what was asked and how it ended, without bodies, queries or headers. */
function logRequests(server: FastifyInstance): void {
  const logger = new Logger('http');
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    logger.log({
      message: `${request.method} ${pathOf(request)} ${reply.statusCode}`,
      requestId: request.id,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(request.caller === undefined ? {} : { actor: actorOf(request.caller) }),
    });
    done();
  });
}

function pathOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? (request.url.split('?', 1)[0] ?? '').slice(0, 200);
}

/** A number counts the proxies before us; the addresses beyond them are not believed. */
function trustOf(trust: Settings['trustProxy']) {
  return typeof trust === 'number' ? (_address: string, hop: number) => hop < trust : trust;
}

function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
}
