import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { BootError } from '../errors/boot-error.js';
import { loadOrCreateKeyFile } from '../secrets/key-file.js';
import { EnvReader } from './env-reader.js';
/** Environment variables that keep Keelson from starting; one line each. */ export class SettingsError extends BootError {
    constructor(...args){
        super(...args), this.name = 'SettingsError';
    }
}
export const logLevels = [
    'fatal',
    'error',
    'warn',
    'log',
    'debug',
    'verbose'
];
/**
 * Reads and checks the environment. Makes the JWT secret at the first start.
 * @throws SettingsError with one line per missing or malformed variable
 */ export function loadSettings(env) {
    const read = new EnvReader(env);
    const home = resolve(read.text('KEELSON_HOME') ?? '.keelson');
    const port = read.integer('PORT', 2271, 1, 65_535);
    const appUrl = read.webUrl('APP_URL') ?? `http://localhost:${port}`;
    const companyName = read.text('COMPANY_NAME') ?? 'Keelson';
    const sender = read.mailbox(read.text('SMTP_FROM') === undefined ? 'EMAIL_FROM' : 'SMTP_FROM');
    const mailFrom = {
        name: sender?.name ?? companyName,
        address: sender?.address ?? `no-reply@${mailDomain(appUrl)}`
    };
    const settings = {
        home,
        configPath: resolve(read.text('KEELSON_CONFIG') ?? 'keelson.config.yaml'),
        port,
        logLevel: logLevel(read),
        appUrl,
        panelUrl: read.webUrl('PANEL_URL') ?? appUrl,
        corsOrigins: read.webOrigins('MARKETING_SITE_URL'),
        marketing: marketing(read),
        databaseUrl: databaseUrl(read),
        redisUrl: read.serviceUrl('REDIS_URL', [
            'redis:',
            'rediss:'
        ]),
        bootstrapToken: read.secret('MPANEL_API_TOKEN', 32),
        admin: {
            email: read.email('ADMIN_EMAIL'),
            password: read.secret('ADMIN_PASSWORD', 8)
        },
        publicRate: {
            limit: read.integer('PUBLIC_RATE_LIMIT', 100, 1, 1_000_000),
            windowMs: read.integer('PUBLIC_RATE_WINDOW_MINUTES', 15, 1, 1440) * 60_000
        },
        trustProxy: trustProxy(read),
        workerConcurrency: read.integer('WORKER_CONCURRENCY', 8, 1, 1000),
        schedules: read.flag('ENABLE_CRON', true),
        suspensionGraceDays: read.integer('SUSPENSION_GRACE_DAYS', 7, 0, 365),
        defaultServerId: read.text('DEFAULT_WEB_SERVER_ID'),
        nameservers: [
            read.host('NS1'),
            read.host('NS2')
        ].filter((host)=>host !== undefined),
        temporaryDomain: read.host('TEMPORARY_DOMAIN') ?? parentDomain(read.host('NS1')) ?? mailDomain(appUrl),
        mailHost: read.host('MAIL_HOST'),
        companyName,
        supportEmail: read.email('SUPPORT_EMAIL') ?? mailFrom.address,
        mailFrom
    };
    const jwtSecret = read.secret('JWT_SECRET', 32);
    if (read.problems.length > 0) throw new SettingsError(read.problems);
    return {
        ...settings,
        jwtSecret: jwtSecret ?? keptSecret(home)
    };
}
function keptSecret(home) {
    const secret = loadOrCreateKeyFile(home, 'jwt.secret', ()=>randomBytes(32).toString('base64url'));
    if (secret.length >= 32) return secret;
    throw new SettingsError([
        `${home}/keys/jwt.secret is damaged: set JWT_SECRET, or delete the file to end all sessions`
    ]);
}
function logLevel(read) {
    const level = read.oneOf('LOG_LEVEL', 'log', [
        ...logLevels,
        'info'
    ]);
    return level === 'info' ? 'log' : level;
}
function marketing(read) {
    const testMode = read.flag('MARKETING_TEST_MODE', false);
    const overrideCode = read.text('MARKETING_OVERRIDE_CODE');
    if (testMode && overrideCode === undefined) {
        read.refuse('MARKETING_OVERRIDE_CODE', 'is missing: set it, or set MARKETING_TEST_MODE to false');
    }
    return {
        testMode,
        overrideCode,
        autoProvision: read.flag('MARKETING_AUTO_PROVISION', true)
    };
}
function databaseUrl(read) {
    const whole = read.serviceUrl('DATABASE_URL', [
        'postgres:',
        'postgresql:'
    ]);
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
function trustProxy(read) {
    const value = read.text('TRUST_PROXY');
    if (value === undefined || /^(false|no|off)$/i.test(value)) return false;
    if (/^(true|yes|on)$/i.test(value)) return true;
    if (/^\d{1,2}$/.test(value)) return Number(value);
    const addresses = value.split(',').map((address)=>address.trim());
    if (addresses.every((address)=>isIP(address.split('/')[0] ?? '') !== 0)) return addresses;
    read.refuse('TRUST_PROXY', 'must be true, false, a number of proxies, or their addresses, e.g. 10.0.0.0/8');
    return false;
}
/** A domain that mail may come from: the host of the address, or a reserved one when that is no domain. */ function mailDomain(appUrl) {
    const { hostname } = new URL(appUrl);
    return hostname.includes('.') && isIP(hostname) === 0 && !hostname.startsWith('[') ? hostname : 'keelson.test';
}
/** `ns1.example.net` → `example.net`. */ function parentDomain(host) {
    const parent = host?.split('.').slice(1).join('.');
    return parent?.includes('.') === true ? parent : undefined;
}

//# sourceMappingURL=settings.js.map
