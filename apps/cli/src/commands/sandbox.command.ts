import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BootError, loadSettings } from '@keelson/core';
import { startSandbox } from '@keelson/sandbox';
import { enabledPlugins } from '../enabled-plugins.js';
import { installationFolders } from '../installation-folders.js';
import { sandboxPort } from '../ports.js';
import { runRole } from '../roles/run-role.js';

/**
 * Runs the vendor simulators in this process until it is told to stop.
 * @param named ids of plugins; none: all, and below `keelson start` those of the sandbox's configuration
 * @throws BootError for a plugin that is not there and for malformed settings
 */
export function sandbox(named: readonly string[]): Promise<void> {
  return runRole(async () => {
    const settings = loadSettings(process.env);
    const folders = installationFolders();
    const unknown = named.filter((plugin) => !existsSync(join(folders.plugins, plugin, 'package.json')));
    if (unknown.length > 0) throw new BootError([`there is no plugin ${unknown.join(', ')} in ${folders.plugins}`]);
    const alone = process.send === undefined;
    const plugins = named.length > 0 ? named : alone ? undefined : enabledPlugins(folders.sandboxConfig);
    const latencyMs = wholeNumber('SANDBOX_LATENCY_MS');
    const badDay = wholeNumber('SANDBOX_BAD_DAY');
    const running = await startSandbox({
      port: sandboxPort(process.env, settings),
      home: join(settings.home, 'sandbox'),
      apiUrl: settings.appUrl,
      pluginsFolder: folders.plugins,
      storeFolder: folders.store,
      ...(plugins === undefined ? {} : { plugins }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(badDay === undefined ? {} : { badDay }),
    });
    const endpoints = running.simulators.flatMap(({ plugin, endpoints: list }) =>
      list.map((endpoint) => ({ plugin, ...endpoint })),
    );
    if (alone)
      process.stdout.write(`${JSON.stringify({ url: running.url, endpoints, environment: running.environment })}\n`);
    return {
      running: { close: () => running.stop() },
      detail: { url: running.url, storeUrl: running.storeUrl, endpoints, environment: running.environment },
    };
  });
}

/** Undefined when the variable is unset or empty. @throws BootError */
function wholeNumber(name: string): number | undefined {
  const text = process.env[name] ?? '';
  if (text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new BootError([`${name} must be a whole number`]);
}
