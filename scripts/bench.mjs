// `npm run bench -- adapters|boot|engine|purchase|scale`: builds, then measures. Every figure is a ratio or a bound taken in one run on one machine.
import { existsSync } from 'node:fs';
import { installDependencies } from './install.mjs';

const [name = ''] = process.argv.slice(2);
const file = new URL(`../bench/${name}.bench.mjs`, import.meta.url);
if (!/^[a-z]+$/.test(name) || !existsSync(file)) {
  console.error('usage: npm run bench -- adapters|boot|engine|purchase|scale');
  process.exit(1);
}
installDependencies((line) => console.log(`· ${line}`));
const { build } = await import('./build.mjs');
await build();
await import(file.href);
