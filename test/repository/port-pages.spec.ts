import { describe, expect, it } from '@jest/globals';
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
