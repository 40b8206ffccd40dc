import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { freePorts, KeelsonProcess } from './keelson-process.js';

jest.setTimeout(120_000);

const home = mkdtempSync(join(tmpdir(), 'keelson-commands-'));
const config = join(home, 'keelson.config.yaml');

/** Runs one command to its end. */
async function keelson(...words: string[]): Promise<{ code: number | null; output: string }> {
  const command = new KeelsonProcess(words, {
    KEELSON_HOME: home,
    KEELSON_CONFIG: config,
    LOG_LEVEL: 'fatal',
    MAIL_PASSWORD: 'canary-4711',
  });
  const { code } = await command.exited;
  return { code, output: command.output };
}

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the commands of an installation', () => {
  it('say in one line that the configuration is missing', async () => {
    const { code, output } = await keelson('setup');
    expect([code, output.trim().split('\n').length]).toEqual([1, 1]);
    expect(output).toContain(`${config} does not exist: create it`);
  });

  it('set up an empty database once, and add nothing when repeated', async () => {
    const port = await freePorts(1);
    writeFileSync(
      config,
      `plugins: [smtp]
connections:
  mail: { plugin: smtp, settings: { host: 127.0.0.1, port: ${port}, security: none, username: us, password: '\${MAIL_PASSWORD}' } }
bindings: { default: { mail: mail } }
`,
    );
    const first = await keelson('setup');
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^administrator: admin@keelson\.test, password: \S+/),
    });
    const second = await keelson('setup');
    expect(second).toEqual({ code: 0, output: 'the installation is ready: run keelson api and keelson worker\n' });
    expect(await keelson('seed')).toEqual({ code: 0, output: '0 products added\n' });
    expect(await keelson('migrate')).toEqual({ code: 0, output: 'the tables are up to date\n' });
  });

  it('find what is wrong, and keep secrets to themselves', async () => {
    const { code, output } = await keelson('doctor');
    expect(code).toBe(1);
    for (const line of [
      'ok     database: tables are up to date',
      'ok     queue: answers in the database',
      'FAILED connection mail (smtp, mail)',
    ]) {
      expect(output).toContain(line);
    }
    expect(output).not.toContain('canary-4711');
  });

  it('refuse to go on with another encryption key', async () => {
    rmSync(join(home, 'keys', 'encryption.key'));
    const { code, output } = await keelson('setup');
    expect([code, output.trim().split('\n').length]).toEqual([1, 1]);
    expect(output).toContain('ENCRYPTION_KEY');
  });
});
