import { createHash, randomBytes } from 'node:crypto';
import { clockToken, isPortError, normaliseEmail, type Clock } from '@keelson/core';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { LoginRefusedError, PasswordRefusedError, ResetRefusedError } from './identity.errors.js';
import { PasswordHasher } from './password-hasher.service.js';
import { checkNewPassword } from './password-rules.js';
import { sessionSeconds, TokensService } from './tokens.service.js';
import { User } from './user.entity.js';

export interface Session {
  /** Bearer token; the only copy. */
  token: string;
  expiresInSeconds: number;
  user: User;
}

/** Failures in a row that cost nothing; each further one doubles the wait. */
const freeFailures = 3;
const longestWaitMs = 15 * 60_000;

const resetMinutes = 30;
const resetAgainMs = 60_000;

/** Sign-in and passwords. */
@Injectable()
export class AuthService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly tokens: TokensService,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /**
   * Starts a session. After three failures in a row the account waits 1 s, then twice as long each time up to 15 minutes,
   * before another password is looked at; this holds for tries at the same time too. An unknown address takes as long.
   * @throws LoginRefusedError, the same one whatever was wrong
   */
  async login(email: string, password: string): Promise<Session> {
    const user = await this.withHash('email = :value', addressOf(email));
    if (user === undefined || !(await this.mayTry(user.id))) {
      await this.hasher.verifyNothing(password);
      throw new LoginRefusedError();
    }
    const right = await this.hasher.verify(user.passwordHash, password);
    if (!right || user.status !== 'active') throw new LoginRefusedError();
    const passwordHash = this.hasher.isOutdated(user.passwordHash) ? await this.hasher.hash(password) : undefined;
    await this.dataSource.manager.update(User, user.id, {
      failedLogins: 0,
      loginAllowedAt: null,
      lastLoginAt: this.clock.now(),
      ...(passwordHash === undefined ? {} : { passwordHash }),
    });
    return this.session(user.id);
  }

  /** The user, or undefined when there is none or they are disabled. */
  async me(userId: string): Promise<User | undefined> {
    return (await this.dataSource.manager.findOneBy(User, { id: userId, status: 'active' })) ?? undefined;
  }

  /**
   * Replaces the password and ends every session of the user; the one returned is new.
   * @throws LoginRefusedError when the current password is wrong; counts like a failed login
   * @throws PasswordRefusedError
   */
  async changePassword(userId: string, currentPassword: string, newPassword: string): Promise<Session> {
    checkNewPassword(newPassword);
    const user = await this.withHash('id = :value', userId);
    if (user === undefined || user.status !== 'active' || !(await this.mayTry(user.id))) throw new LoginRefusedError();
    if (!(await this.hasher.verify(user.passwordHash, currentPassword))) throw new LoginRefusedError();
    if (currentPassword === newPassword) throw new PasswordRefusedError('The new password is the old one.');
    const passwordHash = await this.hasher.hash(newPassword);
    await this.dataSource.query(`UPDATE users SET ${replacedPassword} WHERE id = $2`, [passwordHash, userId]);
    return this.session(userId);
  }

  /**
   * Makes the token that a mail carries to reset the password: random, valid once and for 30 minutes. Undefined when there is
   * nobody to send it to, or one was made less than a minute ago; the caller answers the same in every case.
   */
  async forgotPassword(email: string): Promise<{ user: User; token: string } | undefined> {
    const now = this.clock.now().getTime();
    const token = randomBytes(32).toString('base64url');
    const found = await this.dataSource.manager
      .createQueryBuilder()
      .update(User)
      .set({ resetTokenHash: hashOf(token), resetExpiresAt: new Date(now + resetMinutes * 60_000) })
      .where(`email = :email AND status = 'active'`, { email: addressOf(email) })
      .andWhere('(reset_expires_at IS NULL OR reset_expires_at <= :recent)', {
        recent: new Date(now + resetMinutes * 60_000 - resetAgainMs),
      })
      .returning('id')
      .execute();
    const [row] = found.raw as { id: string }[];
    if (row === undefined) return undefined;
    return { user: await this.dataSource.manager.findOneByOrFail(User, { id: row.id }), token };
  }

  /**
   * Sets the password that was asked for by mail and ends every session. The token is used up.
   * @throws ResetRefusedError for a wrong, used or old token
   * @throws PasswordRefusedError
   */
  async resetPassword(token: string, newPassword: string): Promise<void> {
    checkNewPassword(newPassword);
    const key = [hashOf(token), this.clock.now()];
    const known = await this.dataSource.query<unknown[]>(
      'SELECT 1 FROM users WHERE reset_token_hash = $1 AND reset_expires_at > $2',
      key,
    );
    if (known.length === 0) throw new ResetRefusedError();
    const passwordHash = await this.hasher.hash(newPassword);
    const [, changed] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE users SET ${replacedPassword} WHERE reset_token_hash = $2 AND reset_expires_at > $3 AND status = 'active'`,
      [passwordHash, ...key],
    );
    if (changed === 0) throw new ResetRefusedError();
  }

  /** Counts a try before it is made, so that tries at the same time cannot slip past the wait. */
  private async mayTry(userId: string): Promise<boolean> {
    const now = this.clock.now();
    const [, counted] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE users SET failed_logins = failed_logins + 1,
         login_allowed_at = CASE WHEN failed_logins + 1 < $3 THEN NULL ELSE
           $2::timestamptz + least($4, 1000 * 2 ^ least(failed_logins + 1 - $3, 30)) * interval '1 millisecond' END
       WHERE id = $1 AND (login_allowed_at IS NULL OR login_allowed_at <= $2)`,
      [userId, now, freeFailures, longestWaitMs],
    );
    return counted === 1;
  }

  private async session(userId: string): Promise<Session> {
    const user = await this.dataSource.manager.findOneByOrFail(User, { id: userId });
    return { token: await this.tokens.issue(user), expiresInSeconds: sessionSeconds, user };
  }

  private async withHash(condition: string, value: string): Promise<User | undefined> {
    const found = await this.dataSource.manager
      .createQueryBuilder(User, 'user')
      .addSelect('user.passwordHash')
      .where(condition, { value })
      .getOne();
    return found ?? undefined;
  }
}

/** Assignments of an UPDATE that sets the password hash `$1` and ends sessions, waits and reset tokens. */
const replacedPassword = `password_hash = $1, must_change_password = false, token_version = token_version + 1,
  failed_logins = 0, login_allowed_at = NULL, reset_token_hash = NULL, reset_expires_at = NULL, updated_at = now()`;

/** The address as it is stored; a text that is none stays as it is and matches nobody. */
function addressOf(text: string): string {
  try {
    return normaliseEmail(text);
  } catch (error) {
    if (isPortError(error)) return text;
    throw error;
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
