import { join } from 'node:path';
import { loadSettings } from '@keelson/core';
import { startSandbox } from '@keelson/sandbox';
import { enabledPlugins } from '../enabled-plugins.js';
import { installationFolders } from '../installation-folders.js';
import { sandboxPort } from '../ports.js';
import { runRole } from '../roles/run-role.js';

/** Runs the vendor simulators in this process until it is told to stop. */
export function sandbox(): Promise<void> {
  return runRole(async () => {
    const settings = loadSettings(process.env);
    const folders = installationFolders();
    const latency = process.env['SANDBOX_LATENCY_MS'];
    const running = await startSandbox({
      port: sandboxPort(process.env, settings),
      home: join(settings.home, 'sandbox'),
      apiUrl: settings.appUrl,
      pluginsFolder: folders.plugins,
      plugins: enabledPlugins(folders.sandboxConfig),
      storeFolder: folders.store,
      ...(latency === undefined ? {} : { latencyMs: Number(latency) }),
    });
    const endpoints = running.simulators.flatMap(({ plugin, endpoints: list }) =>
      list.map((endpoint) => ({ plugin, ...endpoint })),
    );
    if (process.send === undefined)
      process.stdout.write(`${JSON.stringify({ url: running.url, endpoints, environment: running.environment })}\n`);
    return {
      running: { close: () => running.stop() },
      detail: { url: running.url, storeUrl: running.storeUrl, endpoints, environment: running.environment },
    };
  });
}
