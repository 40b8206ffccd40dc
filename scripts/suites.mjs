import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));

/** Suites of the Jest projects that share nothing, and of those that want the machine for themselves. */
const together = ['unit', 'conformance', 'integration'];

/**
 * Runs Jest projects and returns the totals. A skipped test counts as failed, because it proves nothing; so does a file that
 * could not be run, and a run that ended without a report.
 * @param {string[]} projects
 * @returns {{ passed: number, failed: number }}
 */
export function runSuites(projects) {
  const alone = projects.filter((project) => !together.includes(project));
  const shared = projects.filter((project) => together.includes(project));
  const totals = { passed: 0, failed: 0 };
  if (shared.length > 0) add(totals, runJest(shared, ['--maxWorkers=2']));
  if (alone.length > 0) add(totals, runJest(alone, ['--runInBand']));
  return totals;
}

/**
 * Prints the totals as the last line and sets the exit code. With `KEELSON_TOTALS` the totals are also appended to that file, for
 * `.ci/run`.
 * @param {{ passed: number, failed: number }} totals
 */
export function report(totals) {
  const file = process.env['KEELSON_TOTALS'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(totals)}\n`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
}

function runJest(projects, options) {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-jest-'));
  const outputFile = join(folder, 'report.json');
  const run = spawnSync(
    process.execPath,
    [jest, '--selectProjects', ...projects, '--json', '--outputFile', outputFile, ...options],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
      },
    },
  );
  const result = readReport(outputFile);
  rmSync(folder, { recursive: true });
  if (result === undefined) {
    console.error(`keelson: the suites ${projects.join(', ')} ended without a report (${run.signal ?? run.status})`);
    return { passed: 0, failed: 1 };
  }
  const skipped = result.numPendingTests + result.numTodoTests;
  if (skipped > 0) console.error(`keelson: ${skipped} tests were skipped; they count as failed`);
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + skipped;
  return { passed: result.numPassedTests, failed: failed === 0 && run.status !== 0 ? 1 : failed };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function add(totals, { passed, failed }) {
  totals.passed += passed;
  totals.failed += failed;
}
