import { describe, expect, it } from '@jest/globals';
import { basename } from 'node:path';
import { filesBelow, read } from './repository.js';

/** The closed list of CONTRIBUTING.md: what a file is, said in its name. Add one there and here. */
const roles = new Set([
  ...['port', 'types', 'adapter', 'plugin', 'config', 'client', 'mapper', 'errors', 'simulator'],
  ...[
    'recipe',
    'step',
    'entity',
    'service',
    'controller',
    'dto',
    'guard',
    'filter',
    'pipe',
    'interceptor',
    'decorator',
    'command',
  ],
  ...[
    'processor',
    'handlers',
    'module',
    'migration',
    'template',
    'wording',
    'content',
    'conformance',
    'suite',
    'bench',
  ],
  ...['spec', 'e2e-spec', 'integration', 'real'],
]);

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const sources = ['apps', 'libs', 'plugins', 'bench', 'test', 'scripts']
  .flatMap(filesBelow)
  .filter((path) => /\.(ts|mjs)$/.test(path));

/** An adapter of a plugin that speaks several ports says which: `cpanel-whm.mailbox.adapter.ts`. */
const ports = new Set(['provisioner', 'registrar', 'dns', 'ssl', 'mail', 'mailbox', 'payment', 'database']);

describe('names of source files', () => {
  it('are <subject>.<role>, in kebab-case, with roles of the closed list', () => {
    const wrong = sources.filter((path) => {
      const [subject = '', ...rest] = basename(path).split('.').slice(0, -1);
      const named = rest.filter((word, index) => !(index === 0 && rest.length > 1 && ports.has(word)));
      return !kebab.test(subject) || named.some((word) => !roles.has(word));
    });
    expect(wrong).toEqual([]);
  });

  it('name a subject, not a drawer', () => {
    const drawer = /(^|[-.])(utils?|helpers?|managers?|misc|common|impl)([-.]|$)/;
    expect(sources.filter((path) => drawer.test(basename(path)))).toEqual([]);
  });
});

describe('source files', () => {
  it('have at most 400 lines', () => {
    const long = sources
      .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it('called index.ts only re-export', () => {
    const indexes = sources.filter((path) => path.endsWith('/index.ts'));
    const statement = /^\s*(export\s+(type\s+)?(\*|\{[^}]*\})\s*(as \w+\s*)?from\s+'[^']+';?|export \{\};?)\s*/;
    const wrong = indexes.filter((path) => {
      let text = read(path).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      while (statement.test(text)) text = text.replace(statement, '');
      return text.trim() !== '';
    });
    expect(wrong).toEqual([]);
  });

  it('leave no work for later and skip no test', () => {
    const marks = /\b(TODO|FIXME|XXX|HACK)\b|\b(describe|it|test)\.(skip|only|todo)\b|\bx(it|describe)\(/;
    const self = 'test/repository/file-names.spec.ts';
    expect(sources.filter((path) => path !== self && marks.test(read(path)))).toEqual([]);
  });
});
