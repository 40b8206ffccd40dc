// Loaded into a worker before all else. Stands for a plugin that does what none may do, in the middle of calls about domains whose names ask
// for it, while a file of that name is in the folder MISDEEDS: `exit` and `crash` end the process, `block` holds its only thread for 20 s,
// once, and `leak` rejects a promise that nobody waits for.
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.MISDEEDS ?? '';
const blockedMs = 20_000;

const misdeeds = {
  exit: () => process.exit(1),
  crash: () => process.kill(process.pid, 'SIGKILL'),
  block: (file) => {
    renameSync(file, join(folder, `blocked.${process.pid}`));
    const end = performance.now() + blockedMs;
    while (performance.now() < end);
  },
  leak: () => void Promise.reject(new Error('a promise that nobody waits for')),
};

subscribe('undici:request:create', ({ request }) => {
  const call = `${request.path} ${request.body ?? ''}`;
  for (const [name, act] of Object.entries(misdeeds)) {
    const file = join(folder, name);
    if (call.includes(`${name}-`) && existsSync(file)) act(file);
  }
});
