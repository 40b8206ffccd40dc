import { existsSync } from 'node:fs';
import { BootError, loadRuntime, loadSettings, type Settings } from '@keelson/core';
import { startEmbeddedPostgres } from '@keelson/database';
import { installationFolders } from './installation-folders.js';
import type { FirstAdministrator } from './prepare-installation.js';
import { sandboxPort, waitForPort } from './ports.js';
import { RoleProcess } from './roles/role-process.js';

/** A running installation: database, API, worker and, when no vendor is configured, the sandbox. */
export interface Installation {
  home: string;
  apiUrl: string;
  databaseUrl: string;
  sandbox?: SandboxAddresses;
  /** Set when this start made them. */
  administrator?: FirstAdministrator;
  /** Process ids, for measurements. */
  pids: { api: number; worker: number };
  stop(): Promise<void>;
}

export interface SandboxAddresses {
  url: string;
  storeUrl: string;
  endpoints: { plugin: string; name: string; url: string }[];
}

export interface StartOptions {
  env: NodeJS.ProcessEnv;
  /** The keelson program itself, which runs the roles. */
  program: string;
  /** Told what is being done, in a few words. */
  progress: (line: string) => void;
}

/**
 * Starts everything in one process tree, in the order of need. Rejects, with everything stopped again, when a part does not
 * start; a `BootError` says in one line what to mend.
 */
export async function startInstallation({ env, program, progress }: StartOptions): Promise<Installation> {
  const settings = loadSettings(env);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const withSandbox = !existsSync(settings.configPath);
    await waitForPort(settings.port, 'PORT', progress);
    if (withSandbox) await waitForPort(sandboxPort(env, settings), 'SANDBOX_PORT', progress);
    const databaseUrl = await database(settings, progress, stops);
    const { migrateInstallation, prepareInstallation } = await import('./prepare-installation.js');
    progress('migrating the database');
    await migrateInstallation(databaseUrl);
    const roleEnv: NodeJS.ProcessEnv = {
      ...env,
      DATABASE_URL: databaseUrl,
      KEELSON_HOME: settings.home,
      // All roles write to one terminal: without a wish, only what an operator should look at.
      LOG_LEVEL: env['LOG_LEVEL'] ?? 'warn',
    };
    const role = async (name: 'api' | 'worker' | 'sandbox') => {
      const process = new RoleProcess({
        role: name,
        program,
        env: roleEnv,
        onRestart: (which, code, signal) =>
          progress(`${which} ended (${signal ?? `exit code ${code}`}), starting it again`),
      });
      stops.push(() => process.stop());
      return { process, ready: await process.start() };
    };
    const sandbox = withSandbox ? await startSandboxRole(role, roleEnv, progress) : undefined;
    progress('reading the configuration');
    const runtime = await loadRuntime(roleEnv, { pluginsFolder: installationFolders().plugins });
    const administrator = await prepareInstallation(runtime, databaseUrl);
    progress('starting API and worker');
    const [api, worker] = await Promise.all([role('api'), role('worker')]);
    return {
      home: settings.home,
      apiUrl: String(api.ready['url']),
      databaseUrl,
      ...(sandbox === undefined ? {} : { sandbox }),
      ...(administrator === undefined ? {} : { administrator }),
      pids: { api: api.process.pid ?? 0, worker: worker.process.pid ?? 0 },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function database(
  settings: Settings,
  progress: (line: string) => void,
  stops: (() => Promise<void>)[],
): Promise<string> {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl;
  progress(existsSync(settings.home) ? 'starting the database' : 'creating the database');
  const postgres = await startEmbeddedPostgres({ home: settings.home });
  stops.push(() => postgres.stop());
  return postgres.url;
}

async function startSandboxRole(
  role: (name: 'sandbox') => Promise<{ ready: Record<string, unknown> }>,
  roleEnv: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<SandboxAddresses> {
  progress('starting the sandbox: no keelson.config.yaml, so every vendor is played on this machine');
  const { ready } = await role('sandbox');
  const { environment, ...addresses } = ready as unknown as SandboxAddresses & { environment: Record<string, string> };
  if (addresses.url === undefined) throw new BootError(['the sandbox did not say where it is']);
  Object.assign(roleEnv, environment, { KEELSON_CONFIG: installationFolders().sandboxConfig });
  roleEnv['MARKETING_SITE_URL'] ??= new URL(addresses.url).origin;
  roleEnv['NS1'] ??= 'ns1.sandbox.example';
  roleEnv['NS2'] ??= 'ns2.sandbox.example';
  const nameServer = addresses.endpoints.find(({ url }) => url.startsWith('dns://'))?.url.slice('dns://'.length);
  if (nameServer !== undefined) roleEnv['DNS_RESOLVERS'] ??= nameServer;
  return { url: addresses.url, storeUrl: addresses.storeUrl, endpoints: addresses.endpoints };
}
