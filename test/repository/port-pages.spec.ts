import { describe, expect, it } from '@jest/globals';
import * as core from '@keelson/core';
import { readPorts, renderPortPage } from '../../apps/cli/src/plugin-kit/index.js';
import { filesBelow, read } from './repository.js';

describe('docs/ports', () => {
  const sources = readPorts();

  it('has one page for each port and no other', () => {
    expect(filesBelow('docs/ports')).toEqual(sources.map(({ port }) => `docs/ports/${port.id}.md`).sort());
  });

  it.each(sources.map((source) => [source.port.id, source] as const))(
    'says of %s what its source says (npm run docs:ports renders it)',
    (id, source) => {
      expect(read(`docs/ports/${id}.md`)).toBe(renderPortPage(source));
    },
  );
});

describe('docs/plugins.md', () => {
  it('tells of every port, and of every error code what the core tells', () => {
    const page = read('docs/plugins.md');
    for (const { port } of readPorts()) expect(page).toContain(`[${port.id}](ports/${port.id}.md)`);
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| ([a-z-]+) +\| ([a-z]+) +\|/gm)];
    expect(Object.fromEntries(rows.map(([, code, repeat, actor]) => [code, { repeat, actor }]))).toEqual(
      core.portErrorPolicies,
    );
  });

  it('names only what the core exports', () => {
    const [, shared = ''] = /\*\*What adapters share\*\*([^]*?)\*\*Long work\*\*/.exec(read('docs/plugins.md')) ?? [];
    const names = [...shared.matchAll(/`([A-Za-z]{5,})`/g)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !(name in core))).toEqual([]);
  });
});
