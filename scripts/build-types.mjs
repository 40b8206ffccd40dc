// `npm run build:types -- [packages]`: writes the declarations (.d.ts) of workspace packages beside their compiled output,
// for those who import a package that was published. Without names: all libraries and plugins.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** [name, folder] of every workspace package that can be published. */
function packages() {
  return ['libs', 'plugins'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => join(root, group, name))
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .map((folder) => [JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name, folder]),
  );
}

function sourcesOf(folder) {
  return ['src', 'simulator']
    .map((part) => join(folder, part))
    .filter((part) => existsSync(part))
    .flatMap((part) => readdirSync(part, { recursive: true }).map((file) => join(part, file)))
    .filter((file) => /\.ts$/.test(file) && !/\.(e2e-)?spec\.ts$/.test(file));
}

/** Writes the declarations of the packages of these names. Repeating it changes nothing. @throws Error naming every wrong type */
export function buildTypes(names) {
  const known = packages();
  const unknown = names.filter((name) => !known.some(([one]) => one === name));
  if (unknown.length > 0) throw new Error(`there is no package ${unknown.join(', ')} in libs/ or plugins/`);
  const folders = known.filter(([name]) => names.length === 0 || names.includes(name)).map(([, folder]) => folder);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(folders.flatMap(sourcesOf), {
    ...options,
    noEmit: false,
    incremental: false,
    tsBuildInfoFile: undefined,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: root,
  });
  const wrong = [];
  for (const source of program.getSourceFiles()) {
    const folder = folders.find((one) => source.fileName.startsWith(`${one}/`));
    if (folder === undefined || source.isDeclarationFile || source.fileName.includes('/node_modules/')) continue;
    const { diagnostics } = program.emit(source, (path, text) => {
      const target = join(folder, 'dist', path.slice(folder.length + 1));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    });
    wrong.push(...diagnostics);
  }
  if (wrong.length > 0) throw new Error(ts.formatDiagnostics(wrong, ts.createCompilerHost(options)));
  return folders;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of buildTypes(process.argv.slice(2))) console.log(`declarations of ${folder.slice(root.length)}`);
}
