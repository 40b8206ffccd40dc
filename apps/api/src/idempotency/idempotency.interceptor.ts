import { createHash } from 'node:crypto';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type RawBodyRequest,
  UseInterceptors,
  applyDecorators,
} from '@nestjs/common';
import { ApiHeader } from '../openapi/api-docs.decorator.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { actorOf } from '../access/caller.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import { IdempotencyKeys } from './idempotency-keys.service.js';

/** Makes a POST safe to repeat: the same `Idempotency-Key` and body get the first answer again and nothing is done twice. */
export function Idempotent() {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Your id of this request; kept for 48 hours' }),
  );
}

/** See `Idempotent`. A failed request leaves its key free, so that it can be tried again. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<RawBodyRequest<FastifyRequest>>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    return from(this.once(key, request, context.switchToHttp().getResponse<FastifyReply>(), next));
  }

  private async once(
    key: string | string[],
    request: RawBodyRequest<FastifyRequest>,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new ProblemError(400, {
        code: 'bad-idempotency-key',
        detail: 'An Idempotency-Key has 1 to 255 visible ASCII characters.',
      });
    }
    const place = { scope: `${actorOf(request.caller)} ${request.method} ${request.routeOptions.url ?? ''}`, key };
    const hash = createHash('sha256')
      .update(request.url)
      .update('\0')
      .update(request.rawBody ?? '')
      .digest('hex');
    const claim = await this.keys.claim(place, hash);
    if (claim.kind === 'answered') {
      void reply.status(claim.status).header('idempotency-replayed', 'true');
      return claim.body;
    }
    if (claim.kind === 'other-request') {
      throw new ProblemError(422, {
        code: 'idempotency-key-reused',
        detail: 'This Idempotency-Key came with another request before.',
      });
    }
    if (claim.kind === 'under-way') {
      throw new ProblemError(409, {
        code: 'request-under-way',
        detail: 'The same request is being worked. Ask again in a moment.',
        headers: { 'retry-after': '1' },
      });
    }
    const body: unknown = await lastValueFrom<unknown>(next.handle()).catch(async (thrown: unknown) => {
      await this.keys.release(place);
      throw thrown;
    });
    await this.keys.answer(place, reply.statusCode, body);
    return body;
  }
}
