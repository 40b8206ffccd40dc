// Compiles every workspace package and the migrations from TypeScript into dist/ folders that mirror them, skipping
// what has not changed. Types are checked by `npm run typecheck`; this only emits, so that a first start is quick.
import { transformFile } from '@swc/core';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** [source folder, output folder] of everything that runs outside the tests. */
function compiledFolders() {
  const folders = [[join(root, 'migrations'), join(root, 'dist', 'migrations')]];
  for (const group of ['libs', 'apps', 'plugins']) {
    for (const name of existsSync(join(root, group)) ? readdirSync(join(root, group)) : []) {
      for (const part of ['src', 'simulator']) {
        const source = join(root, group, name, part);
        if (existsSync(source)) folders.push([source, join(root, group, name, 'dist', part)]);
      }
    }
  }
  return folders;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

const isTest = (file) => /\.(e2e-)?spec\.ts$/.test(file);
const output = (file) => (file.endsWith('.ts') ? file.replace(/\.ts$/, '.js') : file);
/** What is built carries the time of its source: any other time, earlier or later, means another source. */
const outdated = (mtimeMs, to) => !existsSync(to) || Math.abs(mtimeMs - statSync(to).mtimeMs) >= 1;

/** Builds what is out of date. Repeating it does nothing. Returns the number of files written. */
export async function build() {
  let written = 0;
  const work = [];
  for (const [source, target] of compiledFolders()) {
    const files = filesBelow(source).filter((file) => !isTest(file) && !file.endsWith('.d.ts'));
    const wanted = new Set(files.map(output));
    for (const stale of existsSync(target) ? filesBelow(target) : []) {
      if (!wanted.has(stale.replace(/\.map$/, '')) && !stale.endsWith('.d.ts')) rmSync(join(target, stale));
    }
    for (const file of files) {
      const from = join(source, file);
      const to = join(target, output(file));
      const { mtimeMs } = statSync(from);
      if (!outdated(mtimeMs, to)) continue;
      written += 1;
      mkdirSync(dirname(to), { recursive: true });
      work.push(
        (file.endsWith('.ts') ? compile(from, to) : copy(from, to)).then(() =>
          utimesSync(to, mtimeMs / 1000, mtimeMs / 1000),
        ),
      );
    }
  }
  await Promise.all(work);
  return written;
}

async function copy(from, to) {
  copyFileSync(from, to);
}

async function compile(from, to) {
  const { code, map } = await transformFile(from, {
    cwd: root,
    configFile: join(root, '.swcrc'),
    sourceMaps: true,
    sourceFileName: relative(dirname(to), from),
  });
  const mapName = to.slice(dirname(to).length + 1) + '.map';
  writeFileSync(to + '.map', map);
  writeFileSync(to, `${code}\n//# sourceMappingURL=${mapName}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const written = await build();
  console.log(`built ${written} files in ${Math.round(performance.now() - started)} ms`);
}
