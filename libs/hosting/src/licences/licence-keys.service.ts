import { createHmac, randomBytes } from 'node:crypto';
import { Keyring } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

const lookupPlace = { table: 'licence_lookup_keys', column: 'sealed_key', id: 'true' };

/**
 * How licence keys are kept: found by a keyed hash, shown from a sealed text. A key has 60 random bits, few enough to be tried
 * through; without the installation's encryption key the hash tells nothing.
 */
@Injectable()
export class LicenceKeys {
  private lookupKey?: Promise<Buffer>;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** What the key is found by: HMAC-SHA-256, hexadecimal. The same key always gives the same one. */
  async hashOf(key: string): Promise<string> {
    this.lookupKey ??= this.loadLookupKey().catch((thrown: unknown) => {
      this.lookupKey = undefined;
      throw thrown;
    });
    return createHmac('sha256', await this.lookupKey)
      .update(key)
      .digest('hex');
  }

  /** Encrypts the key of a licence. */
  seal(licenceId: string, key: string): string {
    return this.keyring.encrypt(key, placeOf(licenceId));
  }

  /** Decrypts what `seal` made for the same licence. */
  open({ id, sealedKey }: { id: string; sealedKey: string }): string {
    return this.keyring.decrypt(sealedKey, placeOf(id));
  }

  /** Made once per installation; of several processes at once one decides. */
  private async loadLookupKey(): Promise<Buffer> {
    const fresh = this.keyring.encrypt(randomBytes(32).toString('base64url'), lookupPlace);
    await this.dataSource.query(
      'INSERT INTO licence_lookup_keys (sealed_key) VALUES ($1) ON CONFLICT (singleton) DO NOTHING',
      [fresh],
    );
    const [row] = await this.dataSource.query<{ sealed_key: string }[]>('SELECT sealed_key FROM licence_lookup_keys');
    return Buffer.from(this.keyring.decrypt(row?.sealed_key ?? '', lookupPlace), 'base64url');
  }
}

function placeOf(id: string) {
  return { table: 'licences', column: 'sealed_key', id };
}
