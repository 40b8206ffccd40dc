import { basename } from 'node:path';
import type { PluginFolder } from './plugin-folder.js';

/** What is wrong with the files of a plugin and with its package.json. */
export function shapeProblems(plugin: PluginFolder): string[] {
  return [...fileProblems(plugin), ...packageProblems(plugin)];
}

function fileProblems({ folder, files, vendor, home }: PluginFolder): string[] {
  const needed = ['README.md', 'src/index.ts', 'simulator/index.ts'].concat(
    ['plugin', 'config', 'errors'].map((role) => `src/${vendor}.${role}.ts`),
  );
  const roles = ['adapter', 'client', 'mapper'].filter(
    (role) => !files.some((path) => path.startsWith('src/') && path.endsWith(`.${role}.ts`)),
  );
  const specs: [RegExp, string][] = [
    [/^test\/.*\.conformance\.spec\.ts$/, `test/${vendor}.conformance.spec.ts, which runs the suite of each port`],
    [
      /^test\/.*(?<!\.conformance)\.spec\.ts$/,
      `test/${vendor}.errors.spec.ts or another spec for what is the vendor's own`,
    ],
  ];
  const strange =
    home === 'package'
      ? []
      : files.filter((path) => !/^(src|simulator|test)\/|^(README\.md|package\.json|LICENSE)$/.test(path));
  const misnamed = home === 'checkout' && basename(folder) !== vendor;
  return [
    ...(misnamed ? [`the folder is called ${basename(folder)}: call it ${vendor}, as its package says`] : []),
    ...needed
      .filter((path) => !files.includes(path))
      .map((path) => `${path} is missing: write it (keelson plugin new shows one)`),
    ...roles.map((role) => `src/${vendor}.${role}.ts is missing: write it (keelson plugin new shows one)`),
    ...specs
      .filter(([pattern]) => !files.some((path) => pattern.test(path)))
      .map(([, what]) => `a test is missing: write ${what}`),
    ...strange.map((path) => `${path} has no place here: move it into src/, simulator/ or test/`),
  ];
}

function packageProblems({ packageJson, vendor, home }: PluginFolder): string[] {
  const { name, license, type, engines, files, exports = {}, dependencies = {}, peerDependencies = {} } = packageJson;
  const say = (wrong: boolean, fix: string) => (wrong ? [`package.json: ${fix}`] : []);
  const entries: [string, string][] = [
    ['.', 'src'],
    ['./simulator', 'simulator'],
  ];
  const core = home === 'checkout' ? dependencies : peerDependencies;
  return [
    ...say(
      !/^(@[^/]+\/)?keelson-plugin-[a-z]/.test(String(name)),
      `its name is ${JSON.stringify(name)}: call it keelson-plugin-${vendor}`,
    ),
    ...say(type !== 'module', 'set "type" to "module": Keelson imports ES modules'),
    ...say(typeof license !== 'string', 'name a "license"'),
    ...say(typeof engines?.node !== 'string', 'name the versions of Node.js in "engines"'),
    ...say(
      !Array.isArray(files) || !files.includes('dist'),
      'list "dist" in "files", so that what is published can run',
    ),
    ...entries.flatMap(([entry, part]) =>
      ['types', 'default'].flatMap((condition) =>
        say(
          condition in Object(exports[entry]) === false,
          `set exports["${entry}"].${condition} to ./dist/${part}/index.${condition === 'types' ? 'd.ts' : 'js'}`,
        ),
      ),
    ),
    ...say(
      core['@keelson/core'] === undefined,
      home === 'checkout'
        ? 'list @keelson/core in "dependencies"'
        : 'list @keelson/core in "peerDependencies", so that the plugin works with the copy of the installation',
    ),
    ...Object.keys(dependencies)
      .filter((one) => /^(typeorm|bullmq)$|^keelson-plugin-|^@keelson\/(?!core$)/.test(one))
      .map((one) => `package.json: take ${one} out of "dependencies": ${whyNot(one)}`),
  ];
}

/** Why a plugin must not import a package, and what to do instead. */
export function whyNot(name: string): string {
  if (name.startsWith('keelson-plugin-')) return 'plugins meet only through ports (context.findAdapter)';
  if (name === '@keelson/testing') return 'it is for tests and the simulator';
  if (/^(typeorm|bullmq|@nestjs\/(typeorm|bullmq))$/.test(name))
    return 'a plugin owns no tables and no jobs; AdapterContext.state keeps small values';
  return 'a plugin imports @keelson/core and nothing else of Keelson';
}
