import { join, relative, resolve } from 'node:path';
import { installationFolders } from '../installation-folders.js';
import { writeNewPlugin } from '../plugin-kit/index.js';

/** Generates a plugin: in the folder `plugins` of the checkout, or with `dir` as a package of its own; prints what comes next. */
export function newPlugin(vendor: string, options: { port: string[]; dir?: string }): void {
  const own = options.dir !== undefined;
  const folder = own ? resolve(options.dir ?? '') : join(installationFolders().plugins, vendor);
  const paths = writeNewPlugin({ vendor, ports: options.port, folder, home: own ? 'package' : 'checkout' });
  const shown = relative(process.cwd(), folder) || '.';
  const next = own
    ? [
        `cd ${shown} && npm install && npm test`,
        'docs/plugins.md says where @keelson/core and @keelson/testing come from',
      ]
    : ['npm install', `npx keelson plugin check ${shown}`];
  process.stdout.write(
    [
      `wrote ${paths.length} files into ${shown}`,
      ...paths.map((path) => `  ${path}`),
      'next:',
      ...next.map((line) => `  ${line}`),
      '',
    ].join('\n'),
  );
}
