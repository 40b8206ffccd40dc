import { redact } from '@keelson/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemBody } from './problem.js';
import { problemOf } from './problem-mapping.js';

/**
 * Answers every failure with one body. What the table of `problem-mapping.ts` does not know is a 500 that carries nothing
 * but the request id; its text and stack go to the log, redacted.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('api');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { status, options } = problemOf(thrown);
    if (status >= 500) this.log(thrown, request, status);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    for (const [name, value] of Object.entries(options.headers ?? {})) reply.header(name, value);
    void reply
      .status(status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(JSON.stringify(problemBody(status, options, request.id)));
  }

  private log(thrown: unknown, request: FastifyRequest, status: number): void {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const line = { requestId: request.id, route: request.routeOptions.url, status, error: redact(text).slice(0, 4000) };
    if (status === 503) this.logger.warn(line);
    else this.logger.error(line);
  }
}
