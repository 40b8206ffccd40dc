import { AuthService, hasScope, IdentityService, type Principal } from '@keelson/customers';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem/problem.errors.js';
import { accessKey, type AccessPolicy, temporaryPasswordKey } from './access.decorator.js';
import { unauthenticated } from './caller.decorator.js';

/** Lets a request through when the policy of its route says so. A route without policy lets nobody through. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly identity: IdentityService,
    private readonly auth: AuthService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = this.reflector.getAllAndOverride<AccessPolicy | undefined>(accessKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (policy?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.identity.identify({
      bearer: bearerOf(request.headers.authorization),
      apiKey: single(request.headers['x-api-key']),
      ip: request.ip,
    });
    if (caller === undefined) throw unauthenticated();
    if (policy === undefined || !policy.roles.includes(caller.role) || !hasScope(caller, policy.scope)) {
      throw new ProblemError(403, { code: 'forbidden', detail: 'This credential may not do that.' });
    }
    await this.refuseTemporaryPassword(caller, context);
    request.caller = caller;
    return true;
  }

  private async refuseTemporaryPassword(caller: Principal, context: ExecutionContext): Promise<void> {
    if (caller.kind !== 'user' || caller.userId === undefined) return;
    if (this.reflector.get<boolean | undefined>(temporaryPasswordKey, context.getHandler()) === true) return;
    const user = await this.auth.me(caller.userId);
    if (user?.mustChangePassword !== true) return;
    throw new ProblemError(403, {
      code: 'password-change-required',
      detail: 'The password is temporary: change it first with POST /api/auth/change-password.',
    });
  }
}

function bearerOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header.trim())?.[1];
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
