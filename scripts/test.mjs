// `npm test`: installs what is missing, builds what changed, and runs every suite that needs nothing else.
import { installDependencies } from './install.mjs';

installDependencies((line) => console.error(`· ${line}`));
const { build } = await import('./build.mjs');
await build();
const { report, runSuites } = await import('./suites.mjs');
report(runSuites(['unit', 'conformance', 'integration', 'e2e']));
