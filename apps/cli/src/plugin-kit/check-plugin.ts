import { BootError } from '@keelson/core';
import { liveProblems } from './live-problems.js';
import { readPluginFolder, type PluginFolder } from './plugin-folder.js';
import { shapeProblems } from './shape-problems.js';
import { sourceProblems } from './source-problems.js';

export interface PluginCheck {
  /** One line a problem, with its fix; empty when nothing is wrong. */
  problems: string[];
  /** The command that runs the conformance suites of this plugin. */
  conformance: string;
}

/**
 * Looks at the files of a plugin, at its sources, and at what it does when it is loaded and made against its own simulator.
 * @param folder absolute; built, when this program is
 * @throws BootError when the folder holds no plugin at all
 */
export async function checkPlugin(folder: string): Promise<PluginCheck> {
  let plugin: PluginFolder;
  try {
    plugin = readPluginFolder(folder);
  } catch (thrown) {
    throw new BootError([(thrown as Error).message], { cause: thrown });
  }
  const problems = [...shapeProblems(plugin), ...sourceProblems(plugin), ...(await liveProblems(plugin))];
  return {
    problems: [...new Set(problems)],
    conformance:
      plugin.home === 'checkout'
        ? `NODE_OPTIONS=--experimental-vm-modules npx jest --selectProjects conformance -- plugins/${plugin.vendor}`
        : `npm test in ${folder}`,
  };
}
