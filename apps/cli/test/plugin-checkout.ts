import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeNewPlugin } from '../src/plugin-kit/index.js';
import { packageFolder } from '../src/plugin-kit/package-folders.js';

/** A throw-away checkout with nothing in it but generated plugins and the packages that they import. */
export class PluginCheckout {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'keelson-kit-')));
  readonly plugins = join(this.root, 'plugins');

  constructor() {
    symlinkSync(dirname(packageFolder('class-validator')), join(this.root, 'node_modules'));
    writeFileSync(join(this.root, 'nest-cli.json'), '{}');
    mkdirSync(this.plugins);
  }

  /** Generates a plugin and returns its folder. */
  generate(vendor: string, ...ports: string[]): string {
    const folder = join(this.plugins, vendor);
    writeNewPlugin({ vendor, ports, folder, home: 'checkout' });
    return folder;
  }

  /** Changes a file of a plugin. @throws Error when there is nothing to change */
  edit(vendor: string, path: string, from: string | RegExp, to: string): void {
    const file = join(this.plugins, vendor, path);
    const text = readFileSync(file, 'utf8');
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`${path} of ${vendor} does not hold ${String(from)}`);
    writeFileSync(file, edited);
  }

  /** Writes a file of a plugin. */
  write(vendor: string, path: string, text: string): void {
    mkdirSync(dirname(join(this.plugins, vendor, path)), { recursive: true });
    writeFileSync(join(this.plugins, vendor, path), text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
