import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the parts of this checkout are. */
export interface InstallationFolders {
  root: string;
  plugins: string;
  store: string;
  /** The configuration that is used when the operator has written none: every vendor is the sandbox's. */
  sandboxConfig: string;
}

/** @throws Error when this file was taken out of its checkout */
export function installationFolders(): InstallationFolders {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'nest-cli.json'))) {
    if (root === dirname(root))
      throw new Error('the folder of the installation cannot be found: run keelson from its checkout');
    root = dirname(root);
  }
  return {
    root,
    plugins: join(root, 'plugins'),
    store: join(root, 'examples', 'marketing-site'),
    sandboxConfig: join(root, 'apps', 'cli', 'sandbox.config.yaml'),
  };
}
