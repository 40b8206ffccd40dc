import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mailPlugin, PluginFixtures } from '../../test/plugin-fixtures.js';
import { BootError } from '../errors/boot-error.js';
import { ConfigError } from './config-error.js';
import { loadConfig } from './config-file.js';
import { configSchema } from './config-schema.js';

let fixtures: PluginFixtures;
beforeAll(() => {
  fixtures = new PluginFixtures();
  fixtures.folder('courier', mailPlugin('courier'));
  fixtures.folder(
    'lazy',
    mailPlugin('lazy', { adapters: '[{ port: "mail", portVersion: 1, capabilities: [], create: () => ({}) }]' }),
  );
  const throwing =
    '[{ port: "mail", portVersion: 1, capabilities: [], create() { throw new Error("bad key password=hunter22") } }]';
  fixtures.folder('thrower', mailPlugin('thrower', { adapters: throwing }));
  const account =
    '[{ port: "provisioner", portVersion: 1, capabilities: [], create: () => new Proxy({}, { get: () => async () => {} }) }]';
  fixtures.folder('panel', mailPlugin('panel', { adapters: account }));
});
afterAll(() => fixtures.remove());

const load = (text: string, env: NodeJS.ProcessEnv = {}) => {
  const path = join(fixtures.root, 'keelson.config.yaml');
  writeFileSync(path, text);
  return loadConfig({ path, env, pluginsFolder: fixtures.pluginsFolder, searchFrom: [fixtures.app] });
};
const problems = async (text: string, env?: NodeJS.ProcessEnv): Promise<readonly string[]> => {
  const outcome = await load(text, env).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(BootError);
  return (outcome as BootError).problems;
};

const whole = `
plugins: [courier, panel]
connections:
  post:
    plugin: courier
    settings: { host: mail.example.com, port: '\${MAIL_PORT}', password: '\${MAIL_PASSWORD}' }
  srv1: { plugin: panel, settings: { host: srv1.example.com, password: '\${PANEL_TOKEN}' } }
  srv2: { plugin: panel, settings: { host: srv2.example.com, password: '\${PANEL_TOKEN}' } }
bindings:
  default: { mail: post }
  hosting: { provisioner: [srv1, srv2] }
  products: { business: { provisioner: srv2, mail: [] } }
servers:
  - { name: web1, connection: srv1, group: shared, capacity: '\${CAPACITY:-200}', nameservers: [ns1.example.com] }
`;
const env = { MAIL_PORT: '2525', MAIL_PASSWORD: 'a long password', PANEL_TOKEN: 'another secret' };
const head =
  'plugins: [courier]\nconnections:\n  post: { plugin: courier, settings: { host: h, password: long enough } }\n';

describe('loadConfig', () => {
  it('reads plugins, connections, bindings and servers', async () => {
    const { config, registry } = await load(whole, env);
    expect(registry.list()).toHaveLength(2);
    expect(config.connections[0]).toEqual({
      name: 'post',
      plugin: 'courier',
      settings: { host: 'mail.example.com', port: 2525, password: 'a long password' },
    });
    expect(config.bindings).toEqual({
      default: { mail: ['post'] },
      types: { hosting: { provisioner: ['srv1', 'srv2'] } },
      products: { business: { provisioner: ['srv2'], mail: [] } },
    });
    expect(config.servers).toEqual([
      { name: 'web1', connection: 'srv1', group: 'shared', capacity: 200, nameservers: ['ns1.example.com'] },
    ]);
  });

  it('takes an empty file as an empty configuration', async () => {
    const { config } = await load('# nothing yet\n');
    expect(config).toEqual({
      plugins: [],
      connections: [],
      bindings: { default: {}, types: {}, products: {} },
      servers: [],
    });
  });

  it('says so when the file is absent', async () => {
    const absent = loadConfig({
      path: join(fixtures.root, 'absent.yaml'),
      env: {},
      pluginsFolder: fixtures.pluginsFolder,
    });
    await expect(absent).rejects.toThrow(ConfigError);
    await expect(absent).rejects.toThrow(/absent\.yaml does not exist: create it, or point KEELSON_CONFIG/);
  });

  it('names each missing variable in one line', async () => {
    expect(await problems(whole, { ...env, PANEL_TOKEN: '' })).toEqual([
      'keelson.config.yaml: connections.srv1.settings.password: the environment variable PANEL_TOKEN is not set: set it, or write ${PANEL_TOKEN:-default}',
      'keelson.config.yaml: connections.srv2.settings.password: the environment variable PANEL_TOKEN is not set: set it, or write ${PANEL_TOKEN:-default}',
    ]);
  });

  it('names the variable that a wrong setting came from, and not its value', async () => {
    const [line, ...rest] = await problems(whole, { ...env, MAIL_PORT: '99999' });
    expect(line).toBe(
      'keelson.config.yaml: connections.post.settings.port: must not be greater than 65535 (from MAIL_PORT)',
    );
    expect(rest).toEqual([]);
    const [secret] = await problems(whole, { ...env, MAIL_PASSWORD: 'hunter2' });
    expect(secret).toBe(
      'keelson.config.yaml: connections.post.settings.password: *** is too short (from MAIL_PASSWORD)',
    );
  });

  it.each([
    ['plugins: [courier\n', /^keelson\.config\.yaml: .* at line \d+, column \d+$/],
    ['plugins: []\nplugins: []\n', /^keelson\.config\.yaml: Map keys must be unique at line 2, column 1$/],
    ['just a text', /^keelson\.config\.yaml: : must be a mapping$|^keelson\.config\.yaml: .*must be a mapping$/],
    ['plugin: [courier]', /plugin: unknown entry; known: plugins, connections, bindings, servers, drift$/],
    ['plugins: courier', /plugins: must be a list$/],
    ['plugins: [courier, courier]', /plugins\[1\]: "courier" is listed twice$/],
    ['plugins: [absent]', /plugin absent is enabled but not found/],
    [
      'connections: { post: { plugin: courier } }',
      /connections\.post\.plugin: no enabled plugin "courier"; enabled: none$/,
    ],
    ['plugins: [courier]\nconnections: { post: {} }', /connections\.post\.plugin: must be a text that is not empty$/],
    [
      `${head}  Post: { plugin: courier, settings: { host: h, password: long enough } }`,
      /connections\.Post: a connection is named with lower-case/,
    ],
    [
      `${head}  two: { plugin: courier, settings: { host: h, password: long enough }, setings: {} }`,
      /connections\.two\.setings: unknown entry; known: plugin, settings, limits$/,
    ],
    [
      `${head}  two: { plugin: courier, settings: { host: h, password: long enough, hots: x } }`,
      /connections\.two\.settings\.hots: is not a setting; known: host, port, password$/,
    ],
    [
      `${head}  two: { plugin: courier, settings: [] }`,
      /connections\.two\.settings: must be a mapping of settings to values$/,
    ],
    [
      `${head}bindings: { hosting: { mail: pots } }`,
      /bindings\.hosting\.mail: no connection named "pots"; known: post$/,
    ],
    [`${head}bindings: { hosting: { mail: [post, 5] } }`, /bindings\.hosting\.mail: must be a text that is not empty$/],
    [
      `${head}bindings: { hosting: { dns: post } }`,
      /bindings\.hosting\.dns: the connection "post" \(plugin courier\) does not speak dns; it speaks: mail$/,
    ],
    [
      `${head}bindings: { hosting: { fax: post } }`,
      /bindings\.hosting\.fax: unknown entry; known: provisioner, registrar, dns/,
    ],
    [
      `${head}bindings: { hostng: { mail: post } }`,
      /bindings\.hostng: unknown entry; known: default, products, hosting/,
    ],
    [
      `${head}bindings: { products: { basic: { mail: x } } }`,
      /bindings\.products\.basic\.mail: no connection named "x"/,
    ],
    [
      `${head}servers: [{ name: web1, connection: post, group: a, capacity: 5 }]`,
      /servers\[0\]\.connection: .* does not speak provisioner; it speaks: mail$/,
    ],
    [
      'plugins: [lazy]\nconnections: { post: { plugin: lazy, settings: { host: h, password: long enough } } }',
      /connections\.post: the adapter mail lacks testConnection, sendMail: the plugin must write them/,
    ],
    [
      'plugins: [thrower]\nconnections: { post: { plugin: thrower, settings: { host: h, password: long enough } } }',
      /connections\.post: the adapter mail cannot be made: bad key password=\*\*\*$/,
    ],
  ])('refuses %j with one line', async (text, line) => {
    const found = await problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(line);
  });

  it('checks servers', async () => {
    const servers = `servers:
  - { name: web1, connection: srv1, group: a, capacity: 0 }
  - { name: web2, connection: srv1, capacity: 5 }
  - { name: web3, connection: srv1, group: a, capacity: 5 }
  - { name: web3, connection: srv1, group: a, capacity: 5 }
`;
    const text = whole.replace(/servers:[\s\S]*$/, servers);
    expect(await problems(text, env)).toEqual([
      'keelson.config.yaml: servers[0].capacity: must be a whole number above 0',
      'keelson.config.yaml: servers[1].group: must be a text that is not empty',
      'keelson.config.yaml: servers[3].name: a server "web3" is already there',
    ]);
  });

  it('reports problems of several kinds at once', async () => {
    const text = `${head}bindings: { hosting: { mail: a, dns: post } }\nservers: [{ name: w }]`;
    expect((await problems(text)).length).toBeGreaterThanOrEqual(5);
  });
});

describe('configSchema', () => {
  it('describes the settings of every enabled plugin, with bounds, secrets and variables', async () => {
    const { registry } = await load(whole, env);
    const schema = configSchema(registry) as {
      properties: { connections: { additionalProperties: { oneOf: object[] } } };
    };
    const [courier] = schema.properties.connections.additionalProperties.oneOf;
    const variable = { type: 'string', pattern: '\\$\\{[A-Za-z_]' };
    expect(courier).toEqual({
      title: 'Fixture',
      type: 'object',
      additionalProperties: false,
      required: ['plugin', 'settings'],
      properties: {
        plugin: { const: 'courier' },
        limits: expect.objectContaining({ type: 'object', additionalProperties: false }),
        settings: {
          type: 'object',
          additionalProperties: false,
          required: ['host', 'password'],
          properties: {
            host: { description: 'Host name.', examples: ['mail.example.com'], anyOf: [{ type: 'string' }, variable] },
            port: { description: 'Port.', anyOf: [{ type: 'number', maximum: 65535 }, variable] },
            password: {
              description: 'Password.',
              writeOnly: true,
              anyOf: [{ type: 'string', minLength: 8 }, variable],
            },
          },
        },
      },
    });
    expect(Object.keys(schema.properties)).toEqual(['plugins', 'connections', 'bindings', 'servers', 'drift']);
  });
});
