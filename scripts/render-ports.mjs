// `npm run docs:ports`: writes docs/ports/<port>.md from the sources of the ports. Repeating it changes nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

await build();
const { readPorts, renderPortPage } = await import('../apps/cli/dist/src/plugin-kit/index.js');
const folder = fileURLToPath(new URL('../docs/ports/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const source of readPorts()) {
  writeFileSync(`${folder}${source.port.id}.md`, renderPortPage(source));
  console.log(`docs/ports/${source.port.id}.md`);
}
