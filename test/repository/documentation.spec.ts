import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow, foldersIn, read, root } from './repository.js';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesBelow('docs'), ...filesBelow('plugins')].filter(
  (path) => path.endsWith('.md'),
);

describe('documentation', () => {
  it('has no dead links between its pages', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map(([, target]) => join(dirname(page), target ?? ''))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${page} → ${target}`),
    );
    expect(dead).toEqual([]);
  });

  it('describes every environment variable that the settings read', () => {
    const sources = ['libs/core/src/config/settings.ts', 'libs/core/src/secrets/keyring-loader.ts']
      .map(read)
      .join('\n');
    const variables = [...sources.matchAll(/(?:read\.\w+\(|env\[)'([A-Z][A-Z0-9_]+)'/g)].map(([, name]) => name ?? '');
    const configuration = read('docs/configuration.md');
    expect(variables.length).toBeGreaterThan(30);
    expect(variables.filter((name) => !new RegExp(`[\`\\s]${name}[\`\\s]`).test(configuration))).toEqual([]);
  });

  it('numbers the decisions without gaps, each with context, decision and consequences', () => {
    const decisions = filesBelow('docs/adr').map((path) => path.slice('docs/adr/'.length));
    decisions.forEach((file, index) => {
      expect(file).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
      const text = read(`docs/adr/${file}`);
      expect(text).toMatch(new RegExp(`^# ${index + 1}\\. `));
      for (const part of ['Context', 'Decision', 'Consequences']) expect(text).toContain(`**${part}.**`);
    });
  });

  it('places every library and application in docs/architecture.md', () => {
    const architecture = read('docs/architecture.md');
    const rooms = ['apps', 'libs'].flatMap((group) => foldersIn(group).map((name) => `${group}/${name}`));
    expect(rooms.filter((room) => !architecture.includes(`\`${room}\``))).toEqual([]);
  });

  it('lists the roles of file names that the repository test knows', () => {
    const roles = [
      ...(/roles = new Set\(\[([\s\S]*?)\]\);/.exec(read('test/repository/file-names.spec.ts'))?.[1] ?? '').matchAll(
        /'([\w-]+)'/g,
      ),
    ];
    const contributing = read('CONTRIBUTING.md');
    expect(roles.length).toBeGreaterThan(20);
    expect(
      roles.map(([, role]) => role ?? '').filter((role) => !new RegExp(`[\`\\s.]${role}[\`\\s.]`).test(contributing)),
    ).toEqual([]);
  });
});
