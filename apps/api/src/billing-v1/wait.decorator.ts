import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Seconds; below what proxies usually grant an answer. */
const longest = 50;

/**
 * Milliseconds that the client waits for the outcome: what it says in `Prefer: wait=<seconds>` (RFC 7240 §4.3), at most and by
 * default 50 seconds.
 */
export const WaitMs = createParamDecorator((_: unknown, context: ExecutionContext): number => {
  const { prefer } = context.switchToHttp().getRequest<FastifyRequest>().headers;
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,4})/i.exec([prefer].flat().join(','))?.[1];
  return Math.min(longest, seconds === undefined ? longest : Number(seconds)) * 1000;
});
