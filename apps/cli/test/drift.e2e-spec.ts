import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { startSimulator, type WhmSimulator } from '../../../plugins/cpanel-whm/simulator/index.js';
import { KeelsonProcess } from './keelson-process.js';

jest.setTimeout(120_000);

const home = mkdtempSync(join(tmpdir(), 'keelson-drift-'));
const config = join(home, 'keelson.config.yaml');
let database: TestDatabase;
let whm: WhmSimulator;

/** Runs one command to its end. */
async function keelson(...words: string[]): Promise<{ code: number | null; output: string }> {
  const command = new KeelsonProcess(words, {
    ...{ KEELSON_HOME: home, KEELSON_CONFIG: config, LOG_LEVEL: 'fatal', DATABASE_URL: database.url },
  });
  const { code } = await command.exited;
  return { code, output: command.output };
}

/** An account that was made at the panel, not here. */
async function makeAccount(username: string, contactemail: string): Promise<void> {
  const { url, username: root, apiToken } = whm.settings as Record<string, string>;
  const fields = { username, domain: `${username}.com`, plan: 'starter', password: 'a Password 4711', contactemail };
  const query = new URLSearchParams({ 'api.version': '1', ...fields });
  const response = await fetch(`${url}/json-api/createacct?${query.toString()}`, {
    method: 'POST',
    headers: { authorization: `whm ${root}:${apiToken}` },
  });
  expect(await response.json()).toMatchObject({ metadata: { reason: expect.stringMatching(/OK|Created/i) } });
}

beforeAll(async () => {
  [database, whm] = [await testDatabase(), await startSimulator()];
  writeFileSync(
    config,
    `plugins: [cpanel-whm]
connections: { srv1: { plugin: cpanel-whm, settings: ${JSON.stringify(whm.settings)} } }
servers: [{ name: srv1, connection: srv1, group: default, capacity: 50 }]
drift: { policy: { account.missing: report } }
`,
  );
  expect(await keelson('setup')).toMatchObject({ code: 0 });
  await makeAccount('old1', 'ada@example.org');
  await makeAccount('old2', 'eve@example.org');
}, 180_000);

afterAll(async () => {
  await whm?.stop();
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

describe('keelson drift and keelson adopt', () => {
  it('show nothing before anything was observed', async () => {
    expect(await keelson('drift')).toEqual({ code: 0, output: 'nothing differs\n' });
  });

  it('look at vendors and list what differs, as a table or as JSON', async () => {
    const observed = await keelson('drift', 'observe', '--connection', 'srv1');
    expect(observed.code).toBe(0);
    expect(observed.output).toMatch(
      /^CONNECTION +AREA +LISTED +OURS +DIFFERENT\nsrv1 +accounts +2 +0 +2\nsrv1 +mailboxes/,
    );
    const listed = await keelson('drift', '--kind', 'account.unmanaged');
    expect(listed.code).toBe(1);
    expect(listed.output).toMatch(
      /drift_\w+ +srv1 +account\.unmanaged +old1 +open +1x since .* nothing -> .*old1\.com/,
    );
    const { findings, total } = JSON.parse((await keelson('drift', '--json')).output) as Record<string, unknown>;
    expect([total, findings]).toEqual([2, expect.arrayContaining([expect.objectContaining({ key: 'old2' })])]);
  });

  it('plan, and say why nothing is repaired', async () => {
    const { code, output } = await keelson('drift', 'plan');
    expect(code).toBe(0);
    expect(output).toContain('stays: there is no repair for it: a person has to look');
    expect(output).toMatch(/0 to repair, 2 stay; fingerprint \w{16}\n$/);
    expect(await keelson('drift', 'apply')).toEqual({ code: 0, output: '0 of 0 begun, 0 areas refused\n' });
  });

  it('adopt by a list: first a dry run, then for good, and nothing new the third time', async () => {
    const csv = join(home, 'accounts.csv');
    writeFileSync(csv, 'username,email,name,product\nold1,ada@example.org,"Lovelace, Ada",basic\n');
    const words = ['adopt', '--connection', 'srv1', '--match', 'csv', '--csv', csv];
    const dry = await keelson(...words, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.output).toMatch(/adopt +old1 +old1\.com, package \w+ as basic, new customer ada@example\.org\n/);
    expect(dry.output).toContain('1 would be adopted (dry run: nothing was written), 0 managed already, 1 left, 0 in');
    expect((await keelson(...words)).output).toContain('1 adopted, 0 managed already, 1 left, 0 in conflict');
    expect((await keelson(...words)).output).toContain('0 adopted, 1 managed already, 1 left, 0 in conflict');
    await keelson('drift', 'observe');
    const { output } = await keelson('drift');
    expect([output.includes('old1'), output.includes('old2')]).toEqual([false, true]);
  });

  it('ignore with a reason, and open again', async () => {
    const [id = ''] = /drift_\w+/.exec((await keelson('drift')).output) ?? [];
    expect((await keelson('drift', 'ignore', id, '--reason', 'the office')).output).toMatch(/old2 +ignored/);
    expect(await keelson('drift')).toEqual({ code: 0, output: 'nothing differs\n' });
    expect((await keelson('drift', '--all')).output).toMatch(/old2 +ignored/);
    expect((await keelson('drift', 'reopen', id)).output).toMatch(/old2 +open/);
    expect((await keelson('drift', 'reopen', id)).output).toContain('keelson: The finding is open, not ignored');
    expect(await keelson('drift', 'ignore', id, '--reason', 'after all', '--json')).toMatchObject({ code: 0 });
  });

  it('tell a server that does not answer from one with nothing on it', async () => {
    whm.faults.set({ kind: 'unavailable', match: 'listaccts' });
    const away = await keelson('drift', 'observe', '--area', 'accounts');
    whm.faults.clear();
    expect(away.code).toBe(1);
    expect(away.output).toMatch(/NOT OBSERVED +accounts of srv1: unavailable/);
    expect((await keelson('drift')).output).toContain('NOT OBSERVED');
  });

  it.each([
    [['drift', 'observe', '--connection', 'nowhere'], 'keelson: There is no enabled connection "nowhere"'],
    [['drift', 'observe', '--area', 'weather'], 'keelson: --area must be one of accounts, zones'],
    [['drift', 'ignore', 'drift_x', '--reason', 'x'], 'keelson: Not a valid id'],
    [['drift', 'reopen', 'drift_x'], 'keelson: Not a valid id'],
    [['adopt', '--connection', 'srv1', '--match', 'name'], 'keelson: --match must be email or csv'],
    [['adopt', '--connection', 'srv1', '--match', 'csv'], 'keelson: --match csv needs the list'],
    [['adopt', '--connection', 'nowhere'], 'keelson: There is no enabled connection "nowhere".'],
  ])('refuse %j in one line', async (words, line) => {
    const { code, output } = await keelson(...words);
    expect([code, output.trim().split('\n').length]).toEqual([1, 1]);
    expect(output).toContain(line);
  });
});
