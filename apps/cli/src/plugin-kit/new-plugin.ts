import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BootError } from '@keelson/core';
import { packageFiles } from './package-files.template.js';
import { packageFolder } from './package-folders.js';
import { classNameOf, pascalOf, type PlannedFile, type PluginPlan } from './plugin-plan.js';
import { findPortSource, type PortSource } from './port-source.js';
import { sourceFiles } from './source-files.template.js';
import { findSuite, transportSuite } from './suite-source.js';
import { testFiles } from './test-files.template.js';

export interface NewPlugin {
  /** Kebab-case: the id of the plugin and the end of its package's name. */
  vendor: string;
  /** Ids of ports, at least one. */
  ports: readonly string[];
  /** Optional abilities of these ports to write methods for. */
  capabilities?: readonly string[];
  /** The vendor's own spelling of its name, for people and classes; by default made of the id. */
  title?: string;
  /** Absolute; must not exist, or be empty. */
  folder: string;
  /** In the folder `plugins` of a checkout, or a package of its own. */
  home: PluginPlan['home'];
}

/**
 * Writes a plugin that compiles, boots, and fails conformance with the list of what to write. Its methods, contracts and test
 * environments come from the ports and suites that are installed, not from copies of them.
 * @returns the paths written, relative to the folder
 * @throws BootError for a bad name, an unknown port or capability, or a folder that holds something
 */
export function writeNewPlugin(wanted: NewPlugin): string[] {
  const files = renderPlugin(wanted);
  if (existsSync(wanted.folder) && readdirSync(wanted.folder).length > 0) {
    throw new BootError([`${wanted.folder} is not empty: give another folder with --dir, or remove it`]);
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(wanted.folder, path)), { recursive: true });
    writeFileSync(join(wanted.folder, path), text);
  }
  return files.map(({ path }) => path);
}

/** The files of a new plugin, sorted by path. @throws BootError for a bad name, an unknown port or capability */
export function renderPlugin({
  vendor,
  ports,
  capabilities = [],
  title,
  home,
}: Omit<NewPlugin, 'folder'>): PlannedFile[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(vendor)) {
    throw new BootError([`"${vendor}" is no id for a plugin: use lower-case letters, digits and single hyphens`]);
  }
  if (title !== undefined && !/^[\w][\w .,&!-]{0,79}$/.test(title)) {
    throw new BootError([`"${title}" is no title for a plugin: use letters, digits, blanks and . , & ! -`]);
  }
  const sources = [...new Set(ports)].map((id) => refuseUnknown(() => findPortSource(id)));
  refuseUnknownCapabilities(sources, capabilities);
  const pascal = classNameOf(vendor, title ?? '');
  const plan: PluginPlan = {
    vendor,
    title: title ?? pascal,
    pascal,
    camel: `${pascal[0]?.toLowerCase()}${pascal.slice(1)}`,
    ports: sources.map((source) => ({
      source,
      suite: findSuite(source.port.id),
      capabilities: source.capabilities.filter(({ name }) => capabilities.includes(name)),
      adapterName: `${pascal}${sources.length > 1 ? pascalOf(source.port.id) : ''}Adapter`,
      stem: sources.length > 1 ? `${vendor}.${source.port.id}` : vendor,
    })),
    transport: transportSuite(),
    home,
    versions: versions(),
  };
  const files = [...packageFiles(plan), ...sourceFiles(plan), ...testFiles(plan)];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function refuseUnknownCapabilities(sources: readonly PortSource[], wanted: readonly string[]): void {
  const known = new Set(sources.flatMap((source) => source.capabilities.map(({ name }) => name)));
  const problems = wanted
    .filter((name) => !known.has(name))
    .map((name) => `there is no capability "${name}" of these ports: choose of ${[...known].join(', ') || 'none'}`);
  if (problems.length > 0) throw new BootError(problems);
}

function refuseUnknown<T>(look: () => T): T {
  try {
    return look();
  } catch (thrown) {
    throw new BootError([(thrown as Error).message], { cause: thrown });
  }
}

interface PackageJson {
  version: string;
  dependencies?: Record<string, string>;
}

/** Versions that this core was tested with; those of tools that it does not depend on are given here. */
function versions(): Record<string, string> {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')) as PackageJson;
  const core = read('@keelson/core');
  const testing = read('@keelson/testing');
  const jest = testing.dependencies?.['@jest/globals'] ?? '';
  return {
    '@keelson/core': core.version,
    '@keelson/testing': testing.version,
    'class-validator': core.dependencies?.['class-validator'] ?? '',
    '@jest/globals': jest,
    jest,
    '@types/node': '20.19.25',
    typescript: read('typescript').version,
  };
}
