import type { Principal } from '@keelson/customers';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem/problem.errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard on routes that are not public. */
    caller?: Principal;
  }
}

/** Who calls a route that is not public. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === undefined) throw unauthenticated();
  return caller;
});

/** The customer to whom everything is narrowed that a customer asks for; undefined for staff, who see all. */
export function ownCustomerId(caller: Principal): string | undefined {
  if (caller.role !== 'customer') return undefined;
  if (caller.customerId !== undefined) return caller.customerId;
  throw new ProblemError(403, { code: 'forbidden', detail: 'This user is no customer.' });
}

/** Short name of the caller for logs, the audit trail and idempotency keys. */
export function actorOf(caller: Principal | undefined): string {
  if (caller === undefined) return 'public';
  if (caller.apiKeyId !== undefined) return `key:${caller.apiKeyId}`;
  return caller.userId === undefined ? caller.kind : `user:${caller.userId}`;
}

export function unauthenticated(): ProblemError {
  return new ProblemError(401, {
    code: 'unauthenticated',
    detail: 'Send a valid credential: Authorization: Bearer <token>, or X-API-Key: <key>.',
    headers: { 'www-authenticate': 'Bearer' },
  });
}
