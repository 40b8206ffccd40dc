// Checks the import rules (.dependency-cruiser.cjs) over all sources. Exits 1 and names each wrong import.
//   node scripts/rules.mjs [folder] [--json]     another folder of the same layout; violations as JSON
import { cruise } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const json = process.argv.includes('--json');
const baseDir = resolve(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? root);

const started = performance.now();
const folders = ['apps', 'libs', 'plugins', 'migrations', 'test', 'bench'].filter((name) =>
  existsSync(join(baseDir, name)),
);
const { output } = await cruise(
  folders,
  { ...options, baseDir, ruleSet: { forbidden }, validate: true },
  { extensions: ['.ts', '.js', '.mjs', '.json'] },
  { tsConfig: extractTsConfig(join(root, 'tsconfig.json')) },
);
const { violations, totalCruised } = output.summary;

if (json) {
  console.log(JSON.stringify(violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))));
} else {
  for (const { rule, from, to } of violations) {
    const { comment } = forbidden.find(({ name }) => name === rule.name);
    console.error(`${from} → ${to}\n    ${rule.name}: ${comment}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${violations.length} wrong imports in ${totalCruised} modules, ${forbidden.length} rules, ${seconds} s`);
}
process.exitCode = violations.length > 0 ? 1 : 0;
