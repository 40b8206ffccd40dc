import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { IsString } from 'class-validator';
import { PortError } from '../errors/port-error.js';
import { JsonLogger } from '../logging/json-logger.js';
import { PluginError } from '../plugins/plugin-error.js';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import type { AdapterContext } from '../plugins/plugin.decorator.js';
import { adapterFor, manifestOf, Plugin } from '../plugins/plugin.decorator.js';
import { Setting } from '../plugins/setting.decorator.js';
import { dnsPort } from '../ports/dns.port.js';
import { mailPort } from '../ports/mail.port.js';
import { listCapabilities } from '../ports/port.js';
import { systemClock } from '../time/clock.js';
import { createAdapter, probeContext } from './adapter-factory.js';
import type { CallRecord } from './guarded-adapter.js';

class CourierSettings {
  @Setting({ description: 'Host name.' })
  @IsString()
  host!: string;
}

class CourierAdapter {
  constructor(
    private readonly settings: CourierSettings,
    private readonly context: AdapterContext,
  ) {}

  async testConnection(): Promise<void> {
    throw new PortError('invalid-config', 'Refused.', {
      details: { vendor: { status: 401, message: 'token=abc123 is wrong' } },
    });
  }

  async sendMail() {
    return {
      messageId: `${this.context.connection}@${this.settings.host}`,
      accepted: [],
      rejected: [],
      response: '250',
    };
  }

  async findDkimRecord() {
    return undefined;
  }
}

@Plugin({
  id: 'courier',
  title: 'Courier',
  version: '1.0.0',
  settings: CourierSettings,
  adapters: [
    adapterFor(mailPort, {
      portVersion: 1,
      settings: CourierSettings,
      capabilities: ['dkim'],
      create: (settings, context) => new CourierAdapter(settings, context),
    }),
  ],
})
class CourierPlugin {}

const manifest = manifestOf(CourierPlugin);
if (manifest === undefined) throw new Error('the fixture has no manifest');
const registry = new PluginRegistry([
  { manifest, module: CourierPlugin, packageName: 'keelson-plugin-courier', folder: '/' },
]);
const connection = { name: 'post', plugin: 'courier', settings: { host: 'mail.example.com' } };
const { state } = probeContext('post');
const context = { clock: systemClock, state, findAdapter: async () => undefined };
const message = { messageId: '1', from: { address: 'a@example.com' }, to: [], subject: '', text: '' };

describe('createAdapter', () => {
  it('makes a guarded adapter with the settings, the name and the capabilities of the connection', async () => {
    const adapter = createAdapter(registry, connection, mailPort, context, () => undefined);
    expect((await adapter.sendMail(message)).messageId).toBe('post@mail.example.com');
    expect(listCapabilities(adapter)).toEqual(['dkim']);
  });

  it('records every call once, redacted, without arguments or results', async () => {
    const records: CallRecord[] = [];
    const adapter = createAdapter(registry, connection, mailPort, context, (record) => records.push(record));
    await adapter.sendMail(message);
    await expect(adapter.testConnection()).rejects.toThrow(PortError);
    expect(records).toEqual([
      { connection: 'post', port: 'mail', method: 'sendMail', durationMs: expect.any(Number), outcome: 'ok' },
      {
        connection: 'post',
        port: 'mail',
        method: 'testConnection',
        durationMs: expect.any(Number),
        outcome: 'invalid-config',
        detail: '401 token=*** is wrong',
      },
    ]);
  });

  it('logs a line per call by default, failures as warnings', async () => {
    const lines: string[] = [];
    Logger.overrideLogger(new JsonLogger({ level: 'log', sink: { write: (text: string) => lines.push(text) } }));
    const adapter = createAdapter(registry, connection, mailPort, context);
    await adapter.sendMail(message);
    await expect(adapter.testConnection()).rejects.toThrow(PortError);
    Logger.overrideLogger(false);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'log', message: 'mail.sendMail ok', connection: 'post' });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'warn', detail: '401 token=*** is wrong' });
  });

  it('refuses a port that the plugin does not speak, and a plugin that is not enabled', () => {
    expect(() => createAdapter(registry, connection, dnsPort, context)).toThrow(
      /^the connection post \(plugin courier\) does not speak dns: bind another connection to it$/,
    );
    expect(() => createAdapter(registry, { ...connection, plugin: 'other' }, mailPort, context)).toThrow(PluginError);
  });
});

describe('probeContext', () => {
  it('keeps the first value put if absent', async () => {
    const { state: kept } = probeContext('post');
    expect(await kept.putIfAbsent('key', 'first')).toBe('first');
    expect(await kept.putIfAbsent('key', 'second')).toBe('first');
    await kept.put('key', 'third');
    expect(await kept.get('key')).toBe('third');
    expect(await kept.get('other')).toBeUndefined();
  });
});
