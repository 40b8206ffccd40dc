import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BootError, loadPlugins, ports, type AnyPort } from '@keelson/core';
import { format, resolveConfig } from 'prettier';
import { PluginCheckout } from '../../test/plugin-checkout.js';
import { renderPlugin, writeNewPlugin } from './new-plugin.js';
import { packageFolder } from './package-folders.js';
import { findPortSource } from './port-source.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const portIds = Object.keys(ports);
let checkout: PluginCheckout;

beforeAll(() => {
  checkout = new PluginCheckout();
  for (const id of portIds) checkout.generate(`acme-${id}`, id);
  checkout.generate('acme', ...portIds);
  for (const [id, port] of Object.entries(ports)) {
    const capabilities = Object.keys((port as AnyPort).capabilities);
    const folder = join(checkout.plugins, `able-${id}`);
    writeNewPlugin({ vendor: `able-${id}`, title: 'Able & Co.', ports: [id], capabilities, folder, home: 'checkout' });
  }
});
afterAll(() => checkout.remove());

const textOf = (files: { path: string; text: string }[], path: string): string =>
  files.find((file) => file.path === path)?.text ?? '';

/** What the compiler says to all generated plugins under the repository's own options. */
function compile(): string {
  const project = join(checkout.root, 'tsconfig.json');
  const typeRoots = [join(repository, 'node_modules/@types')];
  const compilerOptions = { incremental: false, tsBuildInfoFile: null, typeRoots };
  writeFileSync(
    project,
    JSON.stringify({ extends: join(repository, 'tsconfig.json'), compilerOptions, include: ['plugins'] }),
  );
  const tsc = join(packageFolder('typescript'), 'bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' }).stdout;
}

describe('a generated plugin', () => {
  it('compiles for every port, with no capability and with all of them, and for all ports in one plugin', () => {
    expect(compile()).toBe('');
  }, 180_000);

  it('boots for every port', async () => {
    const enabled = ['acme', 'able'].flatMap((vendor) => portIds.map((id) => `${vendor}-${id}`)).concat('acme');
    const registry = await loadPlugins({ enabled, pluginsFolder: checkout.plugins, searchFrom: [checkout.root] });
    for (const id of portIds)
      expect(registry.adapterOffer(`acme-${id}`, id)?.portVersion).toBe(ports[id as 'dns'].version);
    for (const id of portIds) {
      expect(registry.adapterOffer(`able-${id}`, id)?.capabilities).toEqual(
        Object.keys((ports[id as 'dns'] as AnyPort).capabilities),
      );
    }
    expect(registry.get('acme').manifest.adapters.map(({ port }) => port)).toEqual(portIds);
  });

  it.each(portIds)('carries the contract of every method of %s', (id) => {
    const port = ports[id as 'dns'] as AnyPort;
    const adapter = textOf(renderPlugin({ vendor: 'acme', ports: [id], home: 'checkout' }), 'src/acme.adapter.ts');
    const written = [...adapter.matchAll(/ {2}(\w+)\([^)]*\)[^{]*\{\n {4}return notWritten\('([\w.]+)'/g)];
    expect(written.map(([, name, named]) => [name, named])).toEqual(
      port.methods.map((name) => [name, `${id}.${name}`]),
    );
    for (const { comment } of findPortSource(id).methods) expect(adapter).toContain(comment);
    for (const capability of Object.keys(port.capabilities)) expect(adapter).toContain(`- \`${capability}\`: `);
  });

  it('has the methods of the capabilities that are asked for, and tells of the others', () => {
    const files = renderPlugin({
      vendor: 'acme',
      ports: ['dns', 'mailbox'],
      capabilities: ['zone-listing', 'quota'],
      home: 'checkout',
    });
    const dns = textOf(files, 'src/acme.dns.adapter.ts');
    expect(dns).toContain("return notWritten('dns.listZones'");
    expect(dns).not.toContain('- `zone-listing`: ');
    expect(dns).toContain('- `export`: exportZone');
    const manifest = textOf(files, 'src/acme.plugin.ts');
    expect([...manifest.matchAll(/capabilities: (.*),/g)].map(([, list]) => list)).toEqual([
      "['zone-listing']",
      "['quota']",
    ]);
  });

  it('is called as the vendor spells itself', () => {
    const files = renderPlugin({
      vendor: 'directory-admin',
      title: 'DirectoryAdmin',
      ports: ['dns'],
      home: 'checkout',
    });
    expect(textOf(files, 'src/directory-admin.plugin.ts')).toMatch(
      /title: 'DirectoryAdmin'[^]*class DirectoryAdminPlugin/,
    );
    const other = renderPlugin({ vendor: 'acme', title: 'The Acme Co.', ports: ['dns'], home: 'checkout' });
    expect(textOf(other, 'src/acme.plugin.ts')).toMatch(/title: 'The Acme Co\.'[^]*class AcmePlugin/);
  });

  it('tells in comments what only some vendors give the suites', () => {
    const files = renderPlugin({ vendor: 'acme', ports: ['provisioner'], home: 'checkout' });
    expect(textOf(files, 'test/acme.conformance.spec.ts')).toMatch(
      /\/\/ forgetsReasons, where it applies: Whether the vendor/,
    );
  });

  it.each(['checkout', 'package'] as const)('is formatted as this repository is, as a %s', async (home) => {
    const config = await resolveConfig(join(repository, 'package.json'));
    const files = [
      ...renderPlugin({ vendor: 'acme-one-port', ports: ['provisioner'], home }),
      ...renderPlugin({
        vendor: 'able',
        ports: ['provisioner'],
        capabilities: Object.keys(ports.provisioner.capabilities),
        home,
      }),
      ...renderPlugin({ vendor: 'acme', ports: portIds, home }),
    ].filter(({ path }) => path !== '.gitignore');
    for (const { path, text } of files) {
      expect({ path, text }).toEqual({ path, text: await format(text, { ...config, filepath: path }) });
    }
  });

  it('depends on the core as a peer when it is a package of its own, and carries what builds it', () => {
    const files = renderPlugin({ vendor: 'acme', ports: ['dns'], home: 'package' });
    const packageJson = JSON.parse(textOf(files, 'package.json')) as Record<string, unknown>;
    expect(packageJson).toMatchObject({
      name: 'keelson-plugin-acme',
      peerDependencies: { '@keelson/core': expect.stringMatching(/^\^\d/) },
      dependencies: { 'class-validator': expect.stringMatching(/^\^\d/) },
    });
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['tsconfig.json', '.gitignore']));
  });

  it('is not made from a bad name, for an unknown port, or over something that is there', () => {
    const make = (vendor: string, port: string, folder = 'unused') =>
      writeNewPlugin({ vendor, ports: [port], folder: join(checkout.plugins, folder), home: 'checkout' });
    expect(() => make('Acme', 'dns')).toThrow(/"Acme" is no id for a plugin: use lower-case/);
    expect(() => make('acme', 'dn')).toThrow(/there is no port "dn": choose of provisioner, registrar, dns/);
    const render = (change: object) => () =>
      renderPlugin({ vendor: 'acme', ports: ['dns'], home: 'checkout', ...change });
    expect(render({ capabilities: ['quota'] })).toThrow(
      /no capability "quota" of these ports: choose of zone-listing, dnssec/,
    );
    expect(render({ title: "It's" })).toThrow(/"It's" is no title for a plugin/);
    expect(() => make('acme', 'dns', 'acme')).toThrow(BootError);
    expect(() => make('acme', 'dns', 'acme')).toThrow(/is not empty: give another folder with --dir/);
  });
});
