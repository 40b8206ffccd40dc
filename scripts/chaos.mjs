// `npm run chaos`: installs and builds what is missing, then breaks a real installation in every way of test/chaos/faults.mjs.
import { installDependencies } from './install.mjs';
import { installPeers, missingPeers } from './real-peers.mjs';

const say = (line) => console.error(`· ${line}`);
installDependencies(say);
const { build } = await import('./build.mjs');
await build();
installPeers(say);
if (missingPeers().some(({ program }) => program === 'redis-server')) {
  console.error('keelson: redis-server is missing: run as root, or install redis-server');
  process.exit(1);
}
await import('../test/chaos/run.mjs');
