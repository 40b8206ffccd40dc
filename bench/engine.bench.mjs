// What the engine costs and what it withstands. `npm run bench -- engine` measures all of it, `npm run bench -- engine noop purchase` only those.
// With `quick` beside them the numbers are tiny: to see that they run, not what they are.
import { report } from './measure.mjs';

const parts = {
  noop: async () => (await import('./engine/noop.mjs')).noop,
  purchase: async () => (await import('./engine/purchase.mjs')).purchase,
  dead: async () => (await import('./engine/dead.mjs')).dead,
  resume: async () => (await import('./engine/resume.mjs')).resume,
};

const words = process.argv.slice(3);
const quick = words.includes('quick');
const wanted = words.filter((word) => word !== 'quick');
const unknown = wanted.find((word) => !(word in parts));
if (unknown !== undefined) {
  console.error(`there is no figure called ${unknown}: choose from ${Object.keys(parts).join(', ')}`);
  process.exit(1);
}
for (const [name, load] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const measure = await load();
  report(`engine ${name}`, await measure({ quick }));
}
process.exit(0);
