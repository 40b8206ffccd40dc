import { join, relative, resolve } from 'node:path';
import { installationFolders } from '../installation-folders.js';
import { writeNewPlugin } from '../plugin-kit/index.js';

export interface NewPluginOptions {
  port: string[];
  capability?: string[];
  title?: string;
  dir?: string;
}

/** Generates a plugin: in the folder `plugins` of the checkout, or with `dir` as a package of its own; prints what comes next. */
export function newPlugin(vendor: string, { port, capability, title, dir }: NewPluginOptions): void {
  const own = dir !== undefined;
  const folder = own ? resolve(dir) : join(installationFolders().plugins, vendor);
  const home = own ? 'package' : 'checkout';
  const paths = writeNewPlugin({ vendor, ports: port, capabilities: capability, title, folder, home });
  const shown = relative(process.cwd(), folder) || '.';
  const next = own
    ? [
        `cd ${shown} && npm install && npm test`,
        'docs/plugins.md says where @keelson/core and @keelson/testing come from',
      ]
    : ['npm install', 'npm run build', `npx keelson plugin check ${shown}`];
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
