import { describe, expect, it } from '@jest/globals';
import type { Simulator } from '@keelson/testing/simulator';
import { environmentOf } from './sandbox-environment.js';

describe('environmentOf', () => {
  it('names every setting of every simulator in upper snake case', () => {
    const simulators: Pick<Simulator, 'plugin' | 'settings'>[] = [
      { plugin: 'some-panel', settings: { apiToken: 'abc', port: 25 } },
      { plugin: 'bank', settings: { live: false } },
    ];
    expect(environmentOf(simulators)).toEqual({
      SANDBOX_SOME_PANEL_API_TOKEN: 'abc',
      SANDBOX_SOME_PANEL_PORT: '25',
      SANDBOX_BANK_LIVE: 'false',
    });
  });
});
