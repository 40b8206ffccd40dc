import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { BootError } from '../errors/boot-error.js';
import { loadOrCreateKeyFile } from '../secrets/key-file.js';
import { EnvReader } from './env-reader.js';

/** Environment variables that keep Keelson from starting; one line each. */
export class SettingsError extends BootError {
  override readonly name = 'SettingsError';
}

export const logLevels = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
export type LogLevelName = (typeof logLevels)[number];

/**
 * What the environment says. Variables that belong to a vendor are not here: they reach the connections through
 * `${NAME}` in `keelson.config.yaml`.
 */
export interface Settings {
  /** `KEELSON_HOME`, absolute. Data, keys and logs of this installation. Default `.keelson`. */
  home: string;
  /** `KEELSON_CONFIG`, absolute. Default `keelson.config.yaml`. */
  configPath: string;
  /** `PORT`. Default 2271. */
  port: number;
  /** `LOG_LEVEL`; `info` is another name of `log`, the default. */
  logLevel: LogLevelName;
  /** `APP_URL`: where clients reach the API. Default `http://localhost:<PORT>`. */
  appUrl: string;
  /** `PANEL_URL`: where customers sign in. Default `APP_URL`. */
  panelUrl: string;
  /** Origins of `MARKETING_SITE_URL` (a comma-separated list), which browsers may call the public API from. */
  corsOrigins: string[];
  marketing: {
    /** `MARKETING_TEST_MODE`: whether orders without payment are taken. Default false. */
    testMode: boolean;
    /** `MARKETING_OVERRIDE_CODE`: what such an order must carry. */
    overrideCode?: string;
    /** `MARKETING_AUTO_PROVISION`. Default true. */
    autoProvision: boolean;
  };
  /** `DATABASE_URL`, or made of `PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD`; undefined: the embedded server. */
  databaseUrl?: string;
  /** `REDIS_URL`; undefined: the queue lives in the database. */
  redisUrl?: string;
  /** `JWT_SECRET`, or one made at the first start and kept in `KEELSON_HOME/keys`. */
  jwtSecret: string;
  /** `LICENCE_SECRET`: panels sign their questions about licences with it; undefined: one is made when the first is asked. */
  licenceSecret?: string;
  /** `MPANEL_API_TOKEN`: a token with every right. */
  bootstrapToken?: string;
  /** `ADMIN_EMAIL` and `ADMIN_PASSWORD` of the first administrator. */
  admin: { email?: string; password?: string };
  /** `PUBLIC_RATE_LIMIT` requests (100) per address in `PUBLIC_RATE_WINDOW_MINUTES` (15). */
  publicRate: { limit: number; windowMs: number };
  /** `TRUST_PROXY`: true, false, the number of proxies, or their addresses. Default false. */
  trustProxy: boolean | number | string[];
  /** `WORKER_CONCURRENCY`: steps that one worker runs at a time at one connection; it drives four times as many jobs. Default 8. */
  workerConcurrency: number;
  /** `ENABLE_CRON`: whether schedules run in this process. Default true. */
  schedules: boolean;
  /** `REMOVAL_AFTER_DAYS` between the end of a service and the removal of its data. Default 30. */
  removalAfterDays: number;
  /**
   * `BEFORE_REMOVAL_COMMAND`: an executable that is run before the data of a service is removed, such as one that takes a last backup; absent:
   * none. Nothing is removed unless it ends with 0.
   */
  beforeRemovalCommand?: string;
  /** How operators are told of trouble, beside the API. */
  alerts: {
    /** `ALERT_EMAIL`; absent: no mail. */
    email?: string;
    /** `ALERT_WEBHOOK_URL` with `ALERT_WEBHOOK_SECRET` (`whsec_…`, as Standard Webhooks write it); absent: none. */
    webhook?: { url: string; secret: Buffer };
    /** `ALERT_BALANCE_BELOW`: whole units of money at a registrar that are little. Default 50. */
    balanceBelow: number;
  };
  /** `SUSPENSION_GRACE_DAYS` between a missed payment and suspension. Default 7. */
  suspensionGraceDays: number;
  /** `DEFAULT_WEB_SERVER_ID`: name, number or id of the server that new accounts go to while it has room. */
  defaultServerId?: string;
  /** `NS1`, `NS2`: name servers of new zones, where the server's own are not configured. */
  nameservers: string[];
  /** `TEMPORARY_DOMAIN`: sites ordered without a domain get a name below it. Default: the domain of `NS1`, else of `APP_URL`. */
  temporaryDomain: string;
  /** `MAIL_HOST`: host that takes mail for hosted domains, when it is not the hosting server. */
  mailHost?: string;
  /** `DNS_RESOLVERS`: `address:port` of the servers that find a zone's own name servers; none: those of the machine. */
  dnsResolvers: string[];
  /** How a certificate's proof is looked for over HTTP before the authority is. */
  httpChallenge: {
    /** `HTTP_CHALLENGE_PORT`: where sites answer plain HTTP. Default 80, the only one that public authorities ask. */
    port: number;
    /** `HTTP_CHALLENGE_PRIVATE`: whether sites at private addresses are asked, for an authority inside the network. Default false. */
    privateAddresses: boolean;
  };
  /** `COMPANY_NAME`. Default `Keelson`. */
  companyName: string;
  /** `SUPPORT_EMAIL`. Default: the address of `mailFrom`. */
  supportEmail: string;
  /** `SMTP_FROM`, also known as `EMAIL_FROM`. Default: `no-reply@` the host of `APP_URL`. */
  mailFrom: { name: string; address: string };
}

/**
 * Reads and checks the environment. Makes the JWT secret at the first start.
 * @throws SettingsError with one line per missing or malformed variable
 */
export function loadSettings(env: NodeJS.ProcessEnv): Settings {
  const read = new EnvReader(env);
  const home = resolve(read.text('KEELSON_HOME') ?? '.keelson');
  const port = read.integer('PORT', 2271, 1, 65_535);
  const appUrl = read.webUrl('APP_URL') ?? `http://localhost:${port}`;
  const companyName = read.text('COMPANY_NAME') ?? 'Keelson';
  const sender = read.mailbox(read.text('SMTP_FROM') === undefined ? 'EMAIL_FROM' : 'SMTP_FROM');
  const mailFrom = { name: sender?.name ?? companyName, address: sender?.address ?? `no-reply@${mailDomain(appUrl)}` };
  const settings: Omit<Settings, 'jwtSecret'> = {
    home,
    configPath: resolve(read.text('KEELSON_CONFIG') ?? 'keelson.config.yaml'),
    port,
    logLevel: logLevel(read),
    appUrl,
    panelUrl: read.webUrl('PANEL_URL') ?? appUrl,
    corsOrigins: read.webOrigins('MARKETING_SITE_URL'),
    marketing: marketing(read),
    databaseUrl: databaseUrl(read),
    redisUrl: read.serviceUrl('REDIS_URL', ['redis:', 'rediss:']),
    licenceSecret: read.secret('LICENCE_SECRET', 16),
    bootstrapToken: read.secret('MPANEL_API_TOKEN', 32),
    admin: { email: read.email('ADMIN_EMAIL'), password: read.secret('ADMIN_PASSWORD', 8) },
    publicRate: {
      limit: read.integer('PUBLIC_RATE_LIMIT', 100, 1, 1_000_000),
      windowMs: read.integer('PUBLIC_RATE_WINDOW_MINUTES', 15, 1, 1440) * 60_000,
    },
    trustProxy: trustProxy(read),
    workerConcurrency: read.integer('WORKER_CONCURRENCY', 8, 1, 1000),
    schedules: read.flag('ENABLE_CRON', true),
    removalAfterDays: read.integer('REMOVAL_AFTER_DAYS', 30, 0, 3_650),
    beforeRemovalCommand: executable(read, 'BEFORE_REMOVAL_COMMAND'),
    alerts: {
      email: read.email('ALERT_EMAIL'),
      webhook: alertWebhook(read),
      balanceBelow: read.integer('ALERT_BALANCE_BELOW', 50, 0, 1_000_000),
    },
    suspensionGraceDays: read.integer('SUSPENSION_GRACE_DAYS', 7, 0, 365),
    defaultServerId: read.text('DEFAULT_WEB_SERVER_ID'),
    nameservers: [read.host('NS1'), read.host('NS2')].filter((host) => host !== undefined),
    temporaryDomain: read.host('TEMPORARY_DOMAIN') ?? parentDomain(read.host('NS1')) ?? mailDomain(appUrl),
    mailHost: read.host('MAIL_HOST'),
    dnsResolvers: dnsResolvers(read),
    httpChallenge: {
      port: read.integer('HTTP_CHALLENGE_PORT', 80, 1, 65_535),
      privateAddresses: read.flag('HTTP_CHALLENGE_PRIVATE', false),
    },
    companyName,
    supportEmail: read.email('SUPPORT_EMAIL') ?? mailFrom.address,
    mailFrom,
  };
  const jwtSecret = read.secret('JWT_SECRET', 32);
  if (read.problems.length > 0) throw new SettingsError(read.problems);
  return { ...settings, jwtSecret: jwtSecret ?? keptSecret(home) };
}

function keptSecret(home: string): string {
  const secret = loadOrCreateKeyFile(home, 'jwt.secret', () => randomBytes(32).toString('base64url'));
  if (secret.length >= 32) return secret;
  throw new SettingsError([
    `${home}/keys/jwt.secret is damaged: set JWT_SECRET, or delete the file to end all sessions`,
  ]);
}

function alertWebhook(read: EnvReader): Settings['alerts']['webhook'] {
  const url = read.webUrl('ALERT_WEBHOOK_URL');
  if (url === undefined) return undefined;
  const secret = Buffer.from((read.text('ALERT_WEBHOOK_SECRET') ?? '').replace(/^whsec_/, ''), 'base64');
  if (secret.length >= 24 && secret.length <= 64) return { url, secret };
  return read.refuse(
    'ALERT_WEBHOOK_SECRET',
    'must be whsec_ and 24 to 64 bytes in base64, as ALERT_WEBHOOK_URL is set',
  );
}

function executable(read: EnvReader, name: string): string | undefined {
  const file = read.text(name);
  if (file === undefined) return undefined;
  try {
    accessSync(file, constants.X_OK);
    return resolve(file);
  } catch {
    return read.refuse(name, `must be a file that this user may execute: ${file} is not`);
  }
}

function logLevel(read: EnvReader): LogLevelName {
  const level = read.oneOf('LOG_LEVEL', 'log', [...logLevels, 'info'] as const);
  return level === 'info' ? 'log' : level;
}

function marketing(read: EnvReader): Settings['marketing'] {
  const testMode = read.flag('MARKETING_TEST_MODE', false);
  const overrideCode = read.text('MARKETING_OVERRIDE_CODE');
  if (testMode && overrideCode === undefined) {
    read.refuse('MARKETING_OVERRIDE_CODE', 'is missing: set it, or set MARKETING_TEST_MODE to false');
  }
  return { testMode, overrideCode, autoProvision: read.flag('MARKETING_AUTO_PROVISION', true) };
}

function databaseUrl(read: EnvReader): string | undefined {
  const whole = read.serviceUrl('DATABASE_URL', ['postgres:', 'postgresql:']);
  const host = read.text('PGHOST');
  if (read.text('DATABASE_URL') !== undefined || host === undefined) return whole;
  const database = read.text('PGDATABASE');
  const user = read.text('PGUSER');
  if (database === undefined) return read.refuse('PGDATABASE', 'is missing: PGHOST is set, so name the database too');
  if (user === undefined) return read.refuse('PGUSER', 'is missing: PGHOST is set, so name the user too');
  const port = read.integer('PGPORT', 5432, 1, 65_535);
  const password = read.text('PGPASSWORD');
  const login = encodeURIComponent(user) + (password === undefined ? '' : `:${encodeURIComponent(password)}`);
  const path = `/${encodeURIComponent(database)}`;
  if (host.startsWith('/')) return `postgres://${login}@localhost:${port}${path}?host=${encodeURIComponent(host)}`;
  return `postgres://${login}@${isIP(host) === 6 ? `[${host}]` : host}:${port}${path}`;
}

function trustProxy(read: EnvReader): boolean | number | string[] {
  const value = read.text('TRUST_PROXY');
  if (value === undefined || /^(false|no|off)$/i.test(value)) return false;
  if (/^(true|yes|on)$/i.test(value)) return true;
  if (/^\d{1,2}$/.test(value)) return Number(value);
  const addresses = value.split(',').map((address) => address.trim());
  if (addresses.every((address) => isIP(address.split('/')[0] ?? '') !== 0)) return addresses;
  read.refuse('TRUST_PROXY', 'must be true, false, a number of proxies, or their addresses, e.g. 10.0.0.0/8');
  return false;
}

/** A domain that mail may come from: the host of the address, or a reserved one when that is no domain. */
function mailDomain(appUrl: string): string {
  const { hostname } = new URL(appUrl);
  return hostname.includes('.') && isIP(hostname) === 0 && !hostname.startsWith('[') ? hostname : 'keelson.test';
}

/** `ns1.example.net` → `example.net`. */
function parentDomain(host: string | undefined): string | undefined {
  const parent = host?.split('.').slice(1).join('.');
  return parent?.includes('.') === true ? parent : undefined;
}

function dnsResolvers(read: EnvReader): string[] {
  const servers = (read.text('DNS_RESOLVERS') ?? '').split(',').flatMap((server) => server.trim() || []);
  const isServer = (server: string) => /^(\[[0-9a-f:]+\]|[0-9.]+)(:\d{1,5})?$/i.test(server) || isIP(server) !== 0;
  if (!servers.every(isServer))
    read.refuse('DNS_RESOLVERS', 'must list addresses with optional ports, e.g. 192.0.2.53:53');
  return servers;
}
