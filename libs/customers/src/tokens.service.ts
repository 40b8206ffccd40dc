import { createSecretKey, type KeyObject } from 'node:crypto';
import { clockToken, settingsToken, type Clock, type Settings } from '@keelson/core';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { User } from './user.entity.js';

const issuer = 'keelson';
const audience = 'keelson-api';
/** RFC 9068 §2.1: keeps other tokens of the same key from being taken for access tokens. */
const typ = 'at+jwt';

/** Seconds that a session lives. */
export const sessionSeconds = 24 * 60 * 60;

/** What a valid token says. */
export interface SessionClaims {
  userId: string;
  tokenVersion: number;
}

/** Signs and verifies session tokens: JWT, HS256 only. */
@Injectable()
export class TokensService {
  private readonly key: KeyObject;

  constructor(
    @Inject(settingsToken) settings: Pick<Settings, 'jwtSecret'>,
    @Inject(clockToken) private readonly clock: Clock,
  ) {
    this.key = createSecretKey(Buffer.from(settings.jwtSecret, 'utf8'));
  }

  /** A token for a session that begins now. */
  async issue(user: Pick<User, 'id' | 'tokenVersion'>): Promise<string> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    return new SignJWT({ ver: user.tokenVersion })
      .setProtectedHeader({ alg: 'HS256', typ })
      .setSubject(user.id)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + sessionSeconds)
      .sign(this.key);
  }

  /** The claims of a token of ours that has not expired; undefined for anything else. */
  async verify(token: string): Promise<SessionClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: ['HS256'],
        issuer,
        audience,
        typ,
        requiredClaims: ['sub', 'exp', 'ver'],
        currentDate: this.clock.now(),
      });
      const { sub, ver } = payload;
      return typeof sub === 'string' && typeof ver === 'number' ? { userId: sub, tokenVersion: ver } : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
