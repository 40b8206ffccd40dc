// `.ci/run`: everything that a change must pass. The last line is the total; each check that is no test suite counts as one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'keelson-ci-'));
const totalsFile = join(folder, 'totals');
writeFileSync(totalsFile, '');

const suites = [['test'], ['run', 'test:real', '--', '--only-real']];
const checks = [
  ['run', 'lint'],
  ['run', 'typecheck'],
  ['run', 'rules'],
  ['run', 'build'],
  // Workers and Postgres killed under hundreds of orders, on both queues; the other faults of `npm run chaos` take an hour.
  ['run', 'chaos', '--', '--counts-only', '--seed', '4', 'killed,'],
];

installDependencies((line) => console.error(`· ${line}`));
const outcomes = [...suites, ...checks].map((words) => {
  const started = performance.now();
  const env = { ...process.env, KEELSON_TOTALS: totalsFile };
  const { status } = spawnSync('npm', words, { cwd: root, env, stdio: 'inherit' });
  return {
    name: `npm ${words.join(' ')}`,
    ok: status === 0,
    seconds: Math.round((performance.now() - started) / 1000),
  };
});

const lines = readFileSync(totalsFile, 'utf8').trim().split('\n').filter(Boolean);
const totals = lines.map((line) => JSON.parse(line));
rmSync(folder, { recursive: true });

console.log('');
for (const { name, ok, seconds } of outcomes) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
const checked = outcomes.slice(suites.length);
const passed = sum(totals.map((one) => one.passed)) + checked.filter(({ ok }) => ok).length;
const broken = outcomes.slice(0, suites.length).filter(({ ok }) => !ok).length;
const failed = Math.max(sum(totals.map((one) => one.failed)), broken) + checked.filter(({ ok }) => !ok).length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
