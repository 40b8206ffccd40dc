import { HttpChallenges } from '@keelson/hosting';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { Public } from '../access/access.decorator.js';
import { ApiExcludeController } from '../openapi/api-docs.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';

/** RFC 8555 §8.3: a token is base64url, and so is every proof that we keep. */
const token = /^[\w-]{1,256}$/;

/**
 * Shows certificate authorities that a domain leads to us (RFC 8555 §8.3). Domains reach it directly, or through a web server that
 * passes `/.well-known/acme-challenge/` on.
 */
@ApiExcludeController()
@Controller('.well-known/acme-challenge')
export class HttpChallengesController {
  constructor(private readonly challenges: HttpChallenges) {}

  @Public()
  @Get(':token')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  async show(@Param('token') name: string): Promise<string> {
    const found = token.test(name) ? await this.challenges.find(`/.well-known/acme-challenge/${name}`) : undefined;
    if (found !== undefined) return found;
    throw new ProblemError(404, { code: 'not-found', detail: 'No certificate authority is expected here.' });
  }
}
