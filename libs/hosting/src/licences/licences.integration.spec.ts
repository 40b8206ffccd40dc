import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { catalogueEntities } from '@keelson/catalogue';
import { Keyring, systemClock } from '@keelson/core';
import { dataSourceOptions, inTransaction, newId } from '@keelson/database';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { hostingEntities } from '../hosting.module.js';
import { isLicenceKey } from './licence-key.js';
import { LicenceKeys } from './licence-keys.service.js';
import { LicenceQuotas } from './licence-quotas.service.js';
import { LicenceRates } from './licence-rates.service.js';
import { signaturesOf } from './licence-signature.js';
import { type LicenceQuestion, LicenceValidation } from './licence-validation.service.js';
import { LicenceNotFoundError } from './licence.errors.js';
import { type LicenceLimits, licenceLimitsOf } from './licence.types.js';
import { Licences } from './licences.service.js';

const secret = 'what the panels and the installation share';
const limits: LicenceLimits = { accounts: 1, databases: 10, domains: 3, emails: 0 };

describe('licences', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let keys: LicenceKeys;
  let licences: Licences;
  let quotas: LicenceQuotas;
  let rates: LicenceRates;
  let validation: LicenceValidation;
  let [product, customer] = ['', ''];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await testDatabase();
    dataSource = await new DataSource(
      dataSourceOptions({ url: database.url, poolSize: 30 }, [...catalogueEntities, ...hostingEntities]),
    ).initialize();
    keys = new LicenceKeys(dataSource, Keyring.fromText('00'.repeat(32)));
    licences = new Licences(dataSource, keys, systemClock);
    quotas = new LicenceQuotas(dataSource);
    rates = new LicenceRates(dataSource);
    const settings = { home: '', licenceSecret: secret };
    validation = new LicenceValidation(dataSource, licences, keys, quotas, rates, systemClock, settings);
    [product, customer] = [newId(), newId()];
    await dataSource.query(
      `INSERT INTO products (id, slug, name, description, type) VALUES ($1, 'p', 'n', 'd', 'licence')`,
      [product],
    );
    await dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'n', 'a@example.test')`, [customer]);
  }, 120_000);

  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  beforeEach(() => dataSource.query('TRUNCATE licence_rates, licence_requests'));

  const service = async () => {
    const id = newId();
    await dataSource.query(
      `INSERT INTO services (id, customer_id, product_id, type, status) VALUES ($1, $2, $3, 'licence', 'active')`,
      [id, customer, product],
    );
    return id;
  };
  const issue = async (serviceId?: string, expiresAt?: Date) => {
    const of = serviceId ?? (await service());
    return inTransaction(dataSource, (manager) => licences.issue(manager, { serviceId: of, limits, expiresAt }));
  };
  const origin = { ip: '192.0.2.1', userAgent: 'panel' };
  let count = 0;
  const ask = (key: string, feature: string, more: Partial<LicenceQuestion> = {}) => {
    const timestamp = Math.floor(Date.now() / 1000);
    const question = { key, feature, timestamp, origin, additionalData: { nonce: (count += 1) }, ...more };
    const [signature] = signaturesOf(secret, question);
    return validation.validate({ ...question, signature, ...more });
  };
  const setStatus = (serviceId: string, status: string) =>
    dataSource.query(
      `UPDATE services SET status = $2, suspended_at = CASE $2 WHEN 'active' THEN NULL ELSE now() END WHERE id = $1`,
      [serviceId, status],
    );

  describe('keys', () => {
    it('have their form, are unlike each other, and stand nowhere in clear text', async () => {
      const issued = [await issue(), await issue()];
      const texts = issued.map((licence) => licences.keyOf(licence));
      expect(texts.every((text) => /^NP(-[A-HJ-NP-Z2-9]{4}){3}$/.test(text) && isLicenceKey(text))).toBe(true);
      expect(new Set(texts).size).toBe(2);
      const rows = await dataSource.query<unknown[]>('SELECT * FROM licences');
      for (const text of texts) expect(JSON.stringify(rows)).not.toContain(text.slice(3));
    });

    it('are found again by another process', async () => {
      const licence = await issue();
      const other = new Licences(
        dataSource,
        new LicenceKeys(dataSource, Keyring.fromText('00'.repeat(32))),
        systemClock,
      );
      expect((await other.findByKey(licences.keyOf(licence)))?.licence.id).toBe(licence.id);
      expect(await other.findByKey('NP-AAAA-AAAA-AAAA')).toBeUndefined();
    });

    it('of one service stay the same, even when many ask for it at once', async () => {
      const id = await service();
      const issued = await Promise.all(Array.from({ length: 10 }, () => issue(id)));
      expect(new Set(issued.map((licence) => licence.id)).size).toBe(1);
      expect((await licences.get(String(issued[0]?.number))).usage.databases).toEqual({ current: 0, maximum: 10 });
    });

    it('are good no more once revoked, and a new one is another one', async () => {
      const licence = await issue();
      const key = licences.keyOf(licence);
      await inTransaction(dataSource, (manager) => licences.revoke(manager, licence.serviceId));
      await inTransaction(dataSource, (manager) => licences.revoke(manager, licence.serviceId));
      expect(await ask(key, 'create_domain')).toMatchObject({ valid: false, error: 'License is cancelled' });
      const fresh = await issue(licence.serviceId);
      expect(fresh.id).not.toBe(licence.id);
      expect(await ask(licences.keyOf(fresh), 'create_domain')).toMatchObject({ valid: true, remaining: 3 });
    });

    it('are shown to their customer only', async () => {
      const licence = await issue();
      expect((await licences.get(`${licence.number}`, customer)).licence.id).toBe(licence.id);
      for (const [id, who] of [
        [`${licence.number}`, newId()],
        ['999999', customer],
        ['nonsense', customer],
      ] as const) {
        await expect(licences.get(id, who)).rejects.toThrow(LicenceNotFoundError);
      }
    });
  });

  describe('quotas', () => {
    it('give fifty panels that ask at once as many places as there are', async () => {
      const licence = await issue();
      const given = await Promise.all(Array.from({ length: 50 }, () => quotas.permit(licence.id, 'databases')));
      const free = given.filter((one) => one !== undefined);
      expect(free.toSorted((a, b) => b - a)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });

    it('count a permission and the report of what came of it once', async () => {
      const { id } = await issue();
      for (let place = 3; place > 0; place -= 1) {
        expect(await quotas.permit(id, 'domains')).toBe(place);
        expect(await quotas.report(id, 'domains', 1)).toEqual({ current: 4 - place, maximum: 3 });
      }
      expect(await quotas.permit(id, 'domains')).toBeUndefined();
      expect(await quotas.report(id, 'domains', -1)).toEqual({ current: 2, maximum: 3 });
      expect(await quotas.permit(id, 'domains')).toBe(1);
    });

    it('give a place back that nobody used in time', async () => {
      const { id } = await issue();
      for (let asked = 0; asked < 3; asked += 1) await quotas.permit(id, 'domains');
      expect(await quotas.permit(id, 'domains')).toBeUndefined();
      await dataSource.query(
        `UPDATE licence_usage SET holds[1] = now() - interval '1 second' WHERE licence_id = $1 AND resource = 'domains'`,
        [id],
      );
      expect(await quotas.permit(id, 'domains')).toBe(1);
    });

    it('believe what a panel reports, but never less than nothing', async () => {
      const { id } = await issue();
      expect(await quotas.report(id, 'emails', 4)).toEqual({ current: 4, maximum: 0 });
      expect(await quotas.report(id, 'emails', -9)).toEqual({ current: 0, maximum: 0 });
      await Promise.all(Array.from({ length: 20 }, () => quotas.report(id, 'emails', 1)));
      expect(await quotas.report(id, 'emails', 0)).toEqual({ current: 20, maximum: 0 });
      await expect(quotas.report(newId(), 'emails', 1)).rejects.toThrow(LicenceNotFoundError);
    });

    it('follow from the limits of the product', () => {
      expect(licenceLimitsOf({ websites: 3, mailboxes: 10, databases: 5, diskMb: 1 })).toEqual({
        ...{ accounts: 1, domains: 3, emails: 10, databases: 5 },
      });
      expect(licenceLimitsOf({ accounts: 20, domains: 9, websites: 1, emails: 4 })).toEqual({
        ...{ accounts: 20, domains: 9, emails: 4, databases: 0 },
      });
    });
  });

  describe('questions', () => {
    it('are answered in the words that panels know', async () => {
      const licence = await issue();
      const key = licences.keyOf(licence);
      expect(await ask(key, 'create_database')).toMatchObject({ valid: true, remaining: 10 });
      expect(await ask(key, 'create_account')).toMatchObject({ valid: true, remaining: 1 });
      expect(await ask(key, 'create_account')).toMatchObject({ valid: false, error: 'Account quota exceeded' });
      expect(await ask(key, 'create_email')).toMatchObject({ valid: false, error: 'Email account quota exceeded' });
      expect(await ask(key, 'create_spaceship')).toMatchObject({ valid: true, remaining: -1 });
      expect(await ask(key, 'constructor')).toMatchObject({ valid: true, remaining: -1 });
      await setStatus(licence.serviceId, 'suspended');
      expect(await ask(key, 'create_domain')).toMatchObject({ valid: false, error: 'License is suspended' });
      const old = await issue(undefined, new Date(Date.now() - 1000));
      expect(await ask(licences.keyOf(old), 'create_domain')).toMatchObject({ error: 'License has expired' });
      expect(await ask('NP-AAAA-AAAA-AAAA', 'create_domain')).toMatchObject({ error: 'Invalid license key' });
      for (const wrong of ['', 'NP-ABCD-EFGH', 'np-abcd-efgh-jklm', 'NP-ABCD-EFGH-JKL0', ` ${key}`]) {
        expect(await ask(wrong, 'create_domain')).toEqual({ valid: false, error: 'Invalid license key format' });
      }
    });

    it('that are not signed, wrongly signed or out of time get one answer, whether there is a licence or not', async () => {
      const key = licences.keyOf(await issue());
      const now = Math.floor(Date.now() / 1000);
      for (const about of [key, 'NP-AAAA-AAAA-AAAA']) {
        for (const more of [
          { signature: undefined },
          { timestamp: undefined, signature: 'a'.repeat(64) },
          { signature: 'a'.repeat(64) },
          { timestamp: now - 302 },
          { timestamp: now + 302 },
        ]) {
          const { valid, error } = await ask(about, 'create_domain', more);
          expect({ valid, error }).toEqual({ valid: false, error: 'Invalid request signature or expired timestamp' });
        }
      }
    });

    it('are good once, however many copies come at once', async () => {
      const key = licences.keyOf(await issue());
      const question = { key, feature: 'create_domain', timestamp: Math.floor(Date.now() / 1000), origin };
      const [signature = ''] = signaturesOf(secret, question);
      const copies = [signature, signature.toUpperCase(), ...Array<string>(18).fill(signature)];
      const answers = await Promise.all(copies.map((copy) => validation.validate({ ...question, signature: copy })));
      expect(answers.filter(({ valid }) => valid)).toHaveLength(1);
    });

    it('of one licence are limited by the minute, of one address by the hour, across processes', async () => {
      const [one, other] = [licences.keyOf(await issue()), licences.keyOf(await issue())];
      const answers = await Promise.all(Array.from({ length: 101 }, () => ask(one, 'count_me')));
      const refused = answers.filter(({ valid }) => !valid);
      expect(refused).toEqual([
        {
          valid: false,
          error: 'Rate limit exceeded: Too many validations for this license',
          rate: { limit: 100, remaining: 0, resetSeconds: expect.any(Number), exceeded: true },
        },
      ]);
      expect((await ask(other, 'count_me')).valid).toBe(true);
      await dataSource.query(`UPDATE licence_rates SET window_start = window_start - interval '1 minute'`);
      expect((await ask(one, 'count_me')).valid).toBe(true);
      await dataSource.query(`UPDATE licence_rates SET count = 1000 WHERE bucket LIKE 'address:%'`);
      expect(await ask(other, 'count_me')).toMatchObject({
        error: 'Rate limit exceeded: Too many validations from this IP',
        rate: { limit: 1000, remaining: 0 },
      });
    });

    it('without a signature use up nothing of a licence', async () => {
      const key = licences.keyOf(await issue());
      for (let asked = 0; asked < 120; asked += 1) await ask(key, 'count_me', { signature: 'a'.repeat(64) });
      expect((await ask(key, 'count_me')).valid).toBe(true);
    });

    it('from more addresses than a panel has flag the licence', async () => {
      const licence = await issue();
      const key = licences.keyOf(licence);
      for (let host = 1; host <= 10; host += 1) {
        expect((await ask(key, 'count_me', { origin: { ip: `192.0.2.${host}` } })).valid).toBe(true);
      }
      expect(await ask(key, 'count_me', { origin: { ip: '192.0.2.11' } })).toMatchObject({
        error: 'Anomalous usage pattern detected. Account flagged for review.',
      });
      expect((await licences.get(String(licence.number))).licence.flaggedAt).toBeInstanceOf(Date);
    });

    it('leave nothing behind that no longer counts', async () => {
      await ask(licences.keyOf(await issue()), 'count_me');
      await dataSource.query(`UPDATE licence_requests SET seen_at = seen_at - interval '1 hour'`);
      await dataSource.query(`UPDATE licence_rates SET window_start = window_start - interval '3 hours'`);
      await rates.clean();
      const [left] = await dataSource.query<unknown[]>(
        'SELECT (SELECT count(*) FROM licence_requests)::int AS requests, (SELECT count(*) FROM licence_rates)::int AS rates',
      );
      expect(left).toEqual({ requests: 0, rates: 0 });
    });
  });
});
