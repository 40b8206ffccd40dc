import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  BootError,
  findPort,
  isPortError,
  loadPluginFolder,
  makeAdapter,
  probeContext,
  redact,
  settingsOf,
  validateSettings,
  type AdapterOffer,
  type LoadedPlugin,
} from '@keelson/core';
import { textOf, type PluginFolder } from './plugin-folder.js';
import { findSuite } from './suite-source.js';

/** What a simulator exports, as far as it matters here. */
interface RunningSimulator {
  settings: Record<string, unknown>;
  stop(): Promise<void>;
}

/** What is wrong with a plugin once it runs: its manifest, its settings, its adapters against its own simulator. */
export async function liveProblems(plugin: PluginFolder): Promise<string[]> {
  let loaded: LoadedPlugin;
  try {
    loaded = await loadPluginFolder(plugin.folder);
  } catch (thrown) {
    if (!(thrown instanceof BootError)) throw thrown;
    return [...thrown.problems];
  }
  return [
    ...settingProblems(plugin, loaded),
    ...capabilityProblems(plugin, loaded),
    ...suiteProblems(plugin, loaded),
    ...(await adapterProblems(plugin, loaded)),
  ];
}

function settingProblems(plugin: PluginFolder, { manifest }: LoadedPlugin): string[] {
  const readme = readmeOf(plugin);
  return settingsOf(manifest.settings).flatMap(({ name, description, secret }) => [
    ...(readme.includes(`\`${name}\``)
      ? []
      : [`README.md does not tell about the setting \`${name}\`: add it to the table of settings`]),
    ...(description.trim() === ''
      ? [`the setting ${name} has an empty description: say what the operator enters`]
      : []),
    ...(/(password|secret|token|api_?key)$/i.test(name) && secret !== true
      ? [`the setting ${name} looks like a secret: add secret: true to its @Setting, or call it otherwise`]
      : []),
  ]);
}

/** What a vendor cannot do is as good to know as what it can: the README lists the capabilities. */
function capabilityProblems(plugin: PluginFolder, { manifest }: LoadedPlugin): string[] {
  const readme = readmeOf(plugin);
  return manifest.adapters.flatMap(({ port, capabilities }) =>
    capabilities
      .filter((name) => !readme.includes(name))
      .map((name) => `README.md does not tell about the capability ${name} of ${port}: name it`),
  );
}

function readmeOf(plugin: PluginFolder): string {
  return plugin.files.includes('README.md') ? textOf(plugin, 'README.md') : '';
}

function suiteProblems(plugin: PluginFolder, { manifest }: LoadedPlugin): string[] {
  const specs = plugin.files
    .filter((path) => path.endsWith('.conformance.spec.ts'))
    .map((path) => textOf(plugin, path));
  return manifest.adapters.flatMap(({ port }) => {
    const suite = findSuite(port);
    return suite === undefined || specs.some((text) => text.includes(suite.functionName))
      ? []
      : [`no conformance spec runs ${suite.functionName}: call it in test/${plugin.vendor}.conformance.spec.ts`];
  });
}

async function adapterProblems(plugin: PluginFolder, { manifest }: LoadedPlugin): Promise<string[]> {
  const simulator = await startSimulator(plugin);
  if (typeof simulator === 'string') return [simulator];
  try {
    const checked = validateSettings(manifest.settings, simulator.settings);
    if (!checked.ok) {
      return checked.problems.map(
        ({ setting, message }) =>
          `the simulator's setting ${setting} ${message}: let it return settings that an operator could write`,
      );
    }
    return manifest.adapters.flatMap((offer) => {
      try {
        return undeclaredMethods(makeAdapter(offer, checked.settings, probeContext('keelson plugin check')), offer);
      } catch (thrown) {
        return thrown instanceof BootError
          ? thrown.problems
          : [`the adapter ${offer.port} cannot be made: ${messageOf(thrown)}`];
      }
    });
  } finally {
    await simulator.stop();
  }
}

function undeclaredMethods(adapter: object, offer: AdapterOffer): string[] {
  const extras = (findPort(offer.port)?.capabilities ?? {}) as Record<string, readonly string[]>;
  return Object.entries(extras)
    .filter(([capability]) => !offer.capabilities.includes(capability))
    .flatMap(([capability, names]) =>
      names
        .filter((name) => typeof (adapter as Record<string, unknown>)[name] === 'function')
        .map(
          (name) =>
            `the adapter ${offer.port} has ${name} but does not declare ${capability}: add it to capabilities in the manifest, or drop the method`,
        ),
    );
}

/** A running simulator, or what is wrong with it. From source exactly when the plugin itself is loaded from source. */
async function startSimulator({ folder, home }: PluginFolder): Promise<RunningSimulator | string> {
  const fromSource = home === 'checkout' && import.meta.url.endsWith('.ts');
  const file = join(folder, fromSource ? 'simulator/index.ts' : 'dist/simulator/index.js');
  if (!existsSync(file)) return `${file} does not exist: write simulator/index.ts and build the plugin`;
  try {
    const exported = (await import(pathToFileURL(file).href)) as { startSimulator?: () => Promise<RunningSimulator> };
    if (typeof exported.startSimulator !== 'function')
      return 'simulator/index.ts exports no startSimulator: export one (StartSimulator of @keelson/testing)';
    return await exported.startSimulator();
  } catch (thrown) {
    return `the simulator does not start: ${messageOf(thrown)}`;
  }
}

function messageOf(thrown: unknown): string {
  const text = isPortError(thrown) || thrown instanceof Error ? thrown.message : String(thrown);
  return redact(text).split('\n', 1)[0] ?? '';
}
