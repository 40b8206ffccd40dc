import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@keelson/core';
import { ZonefileAdapter } from '../src/index.js';

const spec = { zone: 'example.com', nameservers: ['ns1.example.net', 'ns2.example.net'], owner: 'srv_1' };

/** Runs in a folder of its own. */
async function inFolder(work: (folder: string, dns: ZonefileAdapter) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zonefile-'));
  try {
    await work(folder, new ZonefileAdapter({ folder }, systemClock));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('zone files', () => {
  it('are master files with absolute names and one record a line', () =>
    inFolder(async (folder, dns) => {
      const { serial } = await dns.ensureZone(spec);
      await dns.putRecords(spec.zone, [{ name: 'www.example.com', type: 'TXT', ttl: 300, values: ['say "é"'] }]);
      const lines = readFileSync(join(folder, 'example.com.zone'), 'utf8').split('\n');
      expect(lines[0]).toMatch(/^; Written by Keelson.*Owner: srv_1$/);
      expect(lines[1]).toMatch(/^example\.com\.\t3600\tIN\tSOA\tns1\.example\.net\. hostmaster\.example\.com\. \d+ /);
      expect(lines.slice(2)).toEqual([
        'example.com.\t3600\tIN\tNS\tns1.example.net.',
        'example.com.\t3600\tIN\tNS\tns2.example.net.',
        'www.example.com.\t300\tIN\tTXT\t"say \\"\\195\\169\\""',
        '',
      ]);
      expect((await dns.findZone(spec.zone))?.serial).toBeGreaterThan(serial ?? 0);
      expect(readdirSync(folder)).toEqual(['example.com.zone']);
    }));

  it('that somebody else wrote are neither changed nor removed', () =>
    inFolder(async (folder, dns) => {
      const file = join(folder, 'example.com.zone');
      writeFileSync(file, '$ORIGIN example.com.\n@ IN SOA a b 1 2 3 4 5\n');
      for (const work of [
        () => dns.ensureZone(spec),
        () => dns.putRecords(spec.zone, []),
        () => dns.removeZone(spec.zone),
      ]) {
        await expect(work()).rejects.toMatchObject({ code: 'already-exists' });
      }
      expect(readFileSync(file, 'utf8')).toContain('$ORIGIN');
    }));

  it('keep every set when two processes change them at once', () =>
    inFolder(async (folder, dns) => {
      const other = new ZonefileAdapter({ folder }, systemClock);
      await dns.ensureZone(spec);
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? dns : other).putRecords(spec.zone, [
            { name: `h${n}.example.com`, type: 'A', ttl: 300, values: [`192.0.2.${n}`] },
          ]),
        ),
      );
      expect(await dns.listRecords(spec.zone)).toHaveLength(21);
    }));

  it('are not blocked for good by a process that died', () =>
    inFolder(async (folder, dns) => {
      const lock = join(folder, '.example.com.lock');
      writeFileSync(lock, '');
      utimesSync(lock, new Date(0), new Date(0));
      expect(await dns.ensureZone(spec)).toMatchObject({ zone: 'example.com' });
    }));
});
