import { describe, expect, it } from '@jest/globals';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import { checkConfig } from './config-check.js';
import { parseConfig } from './config-file.js';
import { defaultDriftConfig } from './drift-config.js';

const read = (text: string) =>
  checkConfig(parseConfig(text, { file: 'keelson.config.yaml', env: { PERCENT: '25' } }), new PluginRegistry()).drift;

const problemsOf = (text: string): string[] => {
  try {
    read(text);
    return [];
  } catch (error) {
    return (error as { problems: string[] }).problems;
  }
};

describe('the drift section', () => {
  it('may be absent, and has a default for each entry', () => {
    expect(read('plugins: []')).toBeUndefined();
    expect(read('drift: {}')).toEqual(defaultDriftConfig);
    expect(read('drift: { brakePercent: "${PERCENT}", policy: { zone.records: repair } }')).toEqual({
      ...defaultDriftConfig,
      brakePercent: 25,
      policy: { 'zone.records': 'repair' },
    });
  });

  it('says in one line each what is wrong', () => {
    const text = `drift:
  observeEveryMinutes: soon
  brakePercent: 101
  policy: { account.missing: repair, account.domain: repair, zone.records: always, zone.colour: report }`;
    expect(problemsOf(text).map((line) => line.replace(/ known: .*/, ''))).toEqual([
      'keelson.config.yaml: drift.brakePercent: must be at most 100',
      'keelson.config.yaml: drift.policy.zone.colour: unknown entry;',
      expect.stringMatching(/drift\.policy\.account\.missing: it is never repaired by policy: .* --only drift_…$/),
      expect.stringMatching(/drift\.policy\.account\.domain: there is no repair for it; there is for account\.susp/),
      'keelson.config.yaml: drift.policy.zone.records: must be one of report, repair, ignore',
      'keelson.config.yaml: drift.observeEveryMinutes: must be a whole number above 0',
    ]);
  });
});
