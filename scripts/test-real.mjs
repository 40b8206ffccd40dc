// `npm run test:real`: what `npm test` runs, and the suites against real peers.
//   --only-real    those alone, right after `npm test`
import { installDependencies } from './install.mjs';
import { installPeers, missingPeers } from './real-peers.mjs';

const say = (line) => console.error(`· ${line}`);
installDependencies(say);
const { build } = await import('./build.mjs');
await build();
const { report, runSuites } = await import('./suites.mjs');
installPeers(say);
const missing = missingPeers();
for (const { program, packages } of missing) {
  console.error(`keelson: ${program} is missing: run as root, or install ${packages.join(' and ')}`);
}
const onlyReal = process.argv.includes('--only-real');
const suites = [
  ...(onlyReal ? [] : ['unit', 'conformance', 'integration', 'e2e']),
  ...(missing.length > 0 ? [] : ['real']),
];
const { passed, failed } = runSuites(suites);
report({ passed, failed: failed + missing.length });
