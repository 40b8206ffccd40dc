import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, jest } from '@jest/globals';
import type { DemoReport } from '../src/demo/demo-report.js';
import { KeelsonProcess } from './keelson-process.js';

jest.setTimeout(120_000);

const homes = () => readdirSync(tmpdir()).filter((name) => name.startsWith('keelson-demo-'));

describe('keelson demo', () => {
  it('buys a plan, verifies it at the vendors, and leaves nothing behind', async () => {
    const before = homes();
    const demo = new KeelsonProcess(['demo', '--json'], {});
    expect(await demo.exited).toEqual({ code: 0, signal: null });
    const report = JSON.parse(demo.output.slice(demo.output.indexOf('{'))) as DemoReport;
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, plan: 'basic', mailbox: `admin@${report.domain}` });
    expect(report.timeline.map(({ step, status }) => `${step} ${status}`).sort()).toEqual([
      'assign_server completed',
      'configure_domain completed',
      'create_account completed',
      'create_database completed',
      'install_ssl completed',
      'provision_email completed',
      'register_domain completed',
      'secure_dns completed',
      'send_welcome_email completed',
      'setup_dns completed',
      'transfer_domain skipped',
    ]);
    expect(report.dns.find(({ type }) => type === 'A')?.answer).toEqual(['192.0.2.10']);
    expect(report.mail.text).toMatch(/password: +\*{8}/i);
    expect(homes().filter((home) => !before.includes(home) && existsSync(home))).toEqual([]);
  });

  it('cleans up when it is interrupted', async () => {
    const before = homes();
    const demo = new KeelsonProcess(['demo'], { SANDBOX_LATENCY_MS: '3000' });
    await demo.says('· following');
    demo.kill('SIGINT');
    expect(await demo.exited).toEqual({ code: 1, signal: null });
    expect(demo.output).toContain('keelson: interrupted');
    expect(homes().filter((home) => !before.includes(home))).toEqual([]);
  });
});
