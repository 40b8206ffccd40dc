import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const modules = dirname(dirname(createRequire(import.meta.url).resolve('class-validator/package.json')));

/** A throw-away installation: `plugins/` and an application with `node_modules` of its own. */
export class PluginFixtures {
  readonly root = mkdtempSync(join(tmpdir(), 'keelson-plugins-'));
  readonly pluginsFolder = join(this.root, 'plugins');
  readonly app = join(this.root, 'app');

  constructor() {
    symlinkSync(modules, join(this.root, 'node_modules'));
    mkdirSync(this.pluginsFolder);
    mkdirSync(join(this.app, 'node_modules'), { recursive: true });
  }

  /** Writes a plugin into the plugins folder. */
  folder(name: string, source: string, packageJson: object = {}): void {
    this.write(join(this.pluginsFolder, name), { name: `keelson-plugin-${name}`, ...packageJson }, source);
  }

  /** Writes an installed package. */
  installed(packageName: string, source: string): void {
    this.write(join(this.app, 'node_modules', packageName), { name: packageName }, source);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  private write(folder: string, packageJson: object, source: string): void {
    mkdirSync(folder, { recursive: true });
    const whole = {
      type: 'module',
      exports: { '.': { types: './index.d.ts', default: './index.js' } },
      ...packageJson,
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(whole));
    writeFileSync(join(folder, 'index.js'), source);
  }
}

/**
 * Source of a plugin that speaks the mail port. Its import is noted in `globalThis.importedPlugins`.
 * @param manifest replaces entries of the manifest, as JavaScript text
 */
export function mailPlugin(id: string, manifest: Record<string, string> = {}, extra = ''): string {
  const entries = {
    id: JSON.stringify(id),
    title: '"Fixture"',
    version: '"1.0.0"',
    settings: 'Settings',
    adapters: '[adapterFor(mailPort, { portVersion: 1, settings: Settings, create: () => adapter })]',
    ...manifest,
  };
  return `
    import { IsInt, IsOptional, IsString, IsUrl, Max, MinLength } from 'class-validator';
    import { adapterFor, dnsPort, mailPort, Plugin, Setting } from '@keelson/core';
    (globalThis.importedPlugins ??= []).push(${JSON.stringify(id)});
    export class Settings {}
    const describe = (name, type, ...rules) => {
      for (const rule of rules) rule(Settings.prototype, name);
      Reflect.defineMetadata('design:type', type, Settings.prototype, name);
    };
    describe('host', String, IsString(), Setting({ description: 'Host name.', example: 'mail.example.com' }));
    describe('port', Number, IsOptional(), IsInt(), Max(65535), Setting({ description: 'Port.' }));
    describe('password', String, IsString(), MinLength(8, { message: 'password $value is too short' }), Setting({ description: 'Password.', secret: true }));
    const adapter = { async testConnection() {}, async sendMail() {} };
    ${extra}
    export class FixturePlugin {}
    Plugin({ ${Object.entries(entries)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')} })(FixturePlugin);
  `;
}
