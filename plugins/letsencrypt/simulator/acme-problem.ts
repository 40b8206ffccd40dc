import type { FastifyReply } from 'fastify';

/** A refusal in the words of RFC 8555 §6.7, as Boulder writes them. */
export class AcmeRefusal extends Error {
  constructor(
    readonly status: number,
    /** Without `urn:ietf:params:acme:error:`. */
    readonly type: string,
    detail: string,
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(detail);
  }

  async send(reply: FastifyReply): Promise<void> {
    if (this.retryAfter !== undefined) reply.header('retry-after', String(this.retryAfter));
    await reply
      .code(this.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(this)));
  }
}

export interface Problem {
  type: string;
  detail: string;
  status: number;
}

export function problemOf({ type, message, status }: AcmeRefusal): Problem {
  return { type: `urn:ietf:params:acme:error:${type}`, detail: message, status };
}
