import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings, SettingsError } from './settings.js';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'keelson-settings-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const load = (env: NodeJS.ProcessEnv = {}) => loadSettings({ KEELSON_HOME: home, ...env });
const problems = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    load(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).problems;
  }
};

describe('loadSettings', () => {
  it('works without any variable', () => {
    const settings = load();
    expect(settings).toMatchObject({
      home,
      port: 2271,
      appUrl: 'http://localhost:2271',
      panelUrl: 'http://localhost:2271',
      corsOrigins: [],
      databaseUrl: undefined,
      redisUrl: undefined,
      publicRate: { limit: 100, windowMs: 900_000 },
      trustProxy: false,
      schedules: true,
      marketing: { testMode: false, autoProvision: true },
      mailFrom: { name: 'Keelson', address: 'no-reply@keelson.test' },
    });
    expect(settings.configPath).toMatch(/\/keelson\.config\.yaml$/);
  });

  it('keeps a JWT secret in the home, readable by this user only, and takes JWT_SECRET instead when it is set', () => {
    const { jwtSecret } = load();
    expect(jwtSecret).toHaveLength(43);
    expect(load().jwtSecret).toBe(jwtSecret);
    expect(readFileSync(join(home, 'keys', 'jwt.secret'), 'utf8').trim()).toBe(jwtSecret);
    expect(statSync(join(home, 'keys', 'jwt.secret')).mode & 0o777).toBe(0o600);
    expect(load({ JWT_SECRET: 'j'.repeat(32) }).jwtSecret).toBe('j'.repeat(32));
  });

  it('makes no file when a setting is wrong', () => {
    const empty = join(home, 'untouched');
    expect(() => loadSettings({ KEELSON_HOME: empty, PORT: 'x' })).toThrow(SettingsError);
    expect(() => statSync(empty)).toThrow(/ENOENT/);
  });

  it.each([
    [{ PORT: 'http' }, /^PORT must be a whole number from 1 to 65535$/],
    [{ PORT: '0' }, /^PORT must be/],
    [{ PORT: '65536' }, /^PORT must be/],
    [{ PORT: '1e3' }, /^PORT must be/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of fatal, error, warn, log, debug, verbose, info$/],
    [{ APP_URL: 'www.example.org' }, /^APP_URL must be a web address/],
    [{ APP_URL: 'javascript:alert(1)' }, /^APP_URL must be a web address/],
    [{ PANEL_URL: 'https://user:pass@panel.example.com' }, /^PANEL_URL must be a web address without user name/],
    [{ MARKETING_SITE_URL: 'https://a.example,ftp://b.example' }, /^MARKETING_SITE_URL must be/],
    [
      { DATABASE_URL: 'mysql://db/keelson' },
      /^DATABASE_URL must be a URL that starts with postgres:\/\/ or postgresql:\/\/$/,
    ],
    [{ REDIS_URL: 'redis' }, /^REDIS_URL must be a URL that starts with redis:\/\/ or rediss:\/\/$/],
    [{ PGHOST: 'db', PGUSER: 'keelson' }, /^PGDATABASE is missing: PGHOST is set, so name the database too$/],
    [{ PGHOST: 'db', PGDATABASE: 'keelson' }, /^PGUSER is missing/],
    [{ PGHOST: 'db', PGDATABASE: 'k', PGUSER: 'k', PGPORT: 'x' }, /^PGPORT must be/],
    [{ MPANEL_API_TOKEN: 'a'.repeat(31) }, /^MPANEL_API_TOKEN is too short: give it at least 32 characters/],
    [{ JWT_SECRET: 'short' }, /^JWT_SECRET is too short/],
    [{ ADMIN_PASSWORD: 'short' }, /^ADMIN_PASSWORD is too short: give it at least 8 characters/],
    [{ ADMIN_EMAIL: 'admin' }, /^ADMIN_EMAIL must be an e-mail address/],
    [{ SUPPORT_EMAIL: 'a@b' }, /^SUPPORT_EMAIL must be an e-mail address/],
    [{ SMTP_FROM: 'Example\r\nBcc: x <a@example.com>' }, /^SMTP_FROM must be an e-mail address/],
    [{ EMAIL_FROM: 'nobody' }, /^EMAIL_FROM must be an e-mail address/],
    [{ NS1: 'ns1 example com' }, /^NS1 must be a host name, e\.g\. ns1\.example\.com$/],
    [{ MARKETING_TEST_MODE: 'maybe' }, /^MARKETING_TEST_MODE must be true or false$/],
    [
      { MARKETING_TEST_MODE: 'true' },
      /^MARKETING_OVERRIDE_CODE is missing: set it, or set MARKETING_TEST_MODE to false$/,
    ],
    [{ ENABLE_CRON: '2' }, /^ENABLE_CRON must be true or false$/],
    [{ SUSPENSION_GRACE_DAYS: '-1' }, /^SUSPENSION_GRACE_DAYS must be/],
    [{ PUBLIC_RATE_LIMIT: '0' }, /^PUBLIC_RATE_LIMIT must be/],
    [{ WORKER_CONCURRENCY: 'many' }, /^WORKER_CONCURRENCY must be/],
    [{ TRUST_PROXY: 'proxy.example.com' }, /^TRUST_PROXY must be true, false, a number of proxies, or their addresses/],
  ])('refuses %j with one line that names the setting and the fix', (env, line) => {
    const found = problems(env);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(line);
    for (const value of Object.values(env).filter((text) => text.length > 8)) expect(found[0]).not.toContain(value);
  });

  it('reports all problems at once, a line each', () => {
    expect(problems({ PORT: 'x', APP_URL: 'y', JWT_SECRET: 'z' })).toHaveLength(3);
    expect(() => load({ PORT: 'x', APP_URL: 'y' })).toThrow(/^PORT .*\nAPP_URL .*$/);
  });

  it('composes the database address from PG variables, and prefers DATABASE_URL', () => {
    const parts = { PGHOST: 'db.example.com', PGDATABASE: 'keelson', PGUSER: 'kee@lson', PGPASSWORD: 'p:/@ss' };
    expect(load(parts).databaseUrl).toBe('postgres://kee%40lson:p%3A%2F%40ss@db.example.com:5432/keelson');
    expect(load({ ...parts, PGPORT: '6432', PGPASSWORD: '' }).databaseUrl).toBe(
      'postgres://kee%40lson@db.example.com:6432/keelson',
    );
    expect(load({ ...parts, PGHOST: '/run/postgresql' }).databaseUrl).toMatch(/\?host=%2Frun%2Fpostgresql$/);
    expect(load({ ...parts, PGHOST: '::1' }).databaseUrl).toContain('@[::1]:5432/');
    expect(load({ ...parts, DATABASE_URL: 'postgresql://other/db' }).databaseUrl).toBe('postgresql://other/db');
    expect(load({ PGPORT: '5433' }).databaseUrl).toBeUndefined();
  });

  it('reads origins, sender, name servers and proxies', () => {
    const settings = load({
      APP_URL: 'https://api.example.com/',
      MARKETING_SITE_URL: 'https://www.example.com/shop, http://localhost:8080,https://www.example.com',
      EMAIL_FROM: 'Example Hosting <sales@example.com>',
      NS1: 'NS1.example.com.',
      NS2: 'ns2.example.com',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      LOG_LEVEL: 'INFO',
      ENABLE_CRON: 'off',
    });
    expect(settings).toMatchObject({
      appUrl: 'https://api.example.com',
      corsOrigins: ['https://www.example.com', 'http://localhost:8080'],
      mailFrom: { name: 'Example Hosting', address: 'sales@example.com' },
      supportEmail: 'sales@example.com',
      nameservers: ['ns1.example.com', 'ns2.example.com'],
      trustProxy: ['10.0.0.0/8', '::1'],
      logLevel: 'log',
      schedules: false,
    });
    expect(load({ TRUST_PROXY: '2' }).trustProxy).toBe(2);
    expect(load({ APP_URL: 'https://api.example.com' }).mailFrom.address).toBe('no-reply@api.example.com');
  });
});
