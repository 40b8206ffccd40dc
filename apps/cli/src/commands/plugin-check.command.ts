import { resolve } from 'node:path';
import { checkPlugin } from '../plugin-kit/index.js';

/** Prints what is wrong with a plugin, one line a problem with its fix. Ends the process with 1 when anything is. */
export async function pluginCheck(folder: string): Promise<void> {
  const { problems, conformance } = await checkPlugin(resolve(folder));
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    problems.length === 0
      ? `ok: now the conformance suites, with ${conformance}\n`
      : `${problems.length} problems; the conformance suites run with ${conformance}\n`,
  );
  process.exit(problems.length === 0 ? 0 : 1);
}
