import { hash, parseOptions, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';

/** argon2id as OWASP's Password Storage Cheat Sheet and ASVS 5.0 appendix C have it. */
const cost = { memoryCost: 47_104, timeCost: 1, parallelism: 1 };

/** At 46 MiB each, a flood of logins takes 184 MiB and no more. */
const atOnce = 4;

/** Hashes passwords with argon2id. Results are PHC strings. */
@Injectable()
export class PasswordHasher {
  private readonly limit = pLimit(atOnce);
  private decoy?: Promise<string>;

  hash(password: string): Promise<string> {
    return this.limit(() => hash(password, cost));
  }

  /** False for a wrong password and for a text that is no hash. */
  async verify(hashed: string, password: string): Promise<boolean> {
    return this.limit(() => verify(hashed, password)).catch(() => false);
  }

  /** Takes as long as `verify`, so that time does not tell whether a user exists. */
  async verifyNothing(password: string): Promise<void> {
    this.decoy ??= this.hash('a password that nobody has');
    await this.verify(await this.decoy, password);
  }

  /** Whether the hash was made with other costs than today's. */
  isOutdated(hashed: string): boolean {
    const made = parseOptions(hashed);
    return (
      made.memoryCost !== cost.memoryCost || made.timeCost !== cost.timeCost || made.parallelism !== cost.parallelism
    );
  }
}
