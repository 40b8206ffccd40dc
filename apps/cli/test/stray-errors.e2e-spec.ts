import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeelsonProcess } from './keelson-process.js';

/** Code of a plugin that fails where nobody waits for it, when the process is told to. */
const plugin = `
  const secret = 'password=' + ['hunter', 2].join('');
  process.on('SIGUSR2', () => Promise.reject(new Error('left alone with ' + secret)));
  process.on('SIGHUP', () => { throw new Error('thrown with ' + secret); });`;

describe('an error that nobody waits for', () => {
  const home = mkdtempSync(join(tmpdir(), 'keelson-stray-'));
  let role: KeelsonProcess;

  beforeEach(async () => {
    role = new KeelsonProcess(['sandbox', 'powerdns'], {
      KEELSON_HOME: home,
      SANDBOX_PORT: '0',
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(plugin)}`,
    });
    await role.says('"environment"');
  });
  afterEach(async () => {
    role.kill('SIGTERM');
    await role.exited;
    rmSync(home, { recursive: true, force: true });
  });

  it('is logged without its secrets when it is a rejected promise, and everything else goes on', async () => {
    for (let times = 1; times <= 3; times += 1) {
      role.kill('SIGUSR2');
      while (role.output.split('was left alone').length <= times) await sleep(20);
    }
    expect(role.output).toContain('everything else goes on');
    expect(role.output).not.toContain('hunter2');
    const { url } = JSON.parse(role.output.slice(role.output.indexOf('{'), role.output.indexOf('\n'))) as {
      url: string;
    };
    expect((await fetch(url)).status).toBeLessThan(500);
    role.kill('SIGTERM');
    expect(await role.exited).toEqual({ code: 0, signal: null });
  });

  it('ends the process when it is an exception, with a line that holds no secret', async () => {
    role.kill('SIGHUP');
    expect(await role.exited).toEqual({ code: 1, signal: null });
    expect(role.output).toContain('thrown with');
    expect(role.output).not.toContain('hunter2');
  });
});
