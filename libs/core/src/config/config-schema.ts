import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { settingsOf } from '../plugins/setting.decorator.js';
import type { LoadedPlugin, PluginRegistry } from '../plugins/plugin-registry.js';
import type { AnyPort } from '../ports/port.js';
import { ports } from '../ports/all-ports.js';
import { productTypes } from './config.types.js';
import { defaultDriftConfig, driftKinds, driftPolicies, repairableKinds } from './drift-config.js';

type JsonSchema = Record<string, unknown>;

/** JSON Schema (draft 2020-12) of `keelson.config.yaml` with these plugins, for editors. Boot does its own, stricter checks. */
export function configSchema(registry: PluginRegistry): JsonSchema {
  const bindings = mapping(
    Object.fromEntries(Object.values(ports).map((port: AnyPort) => [port.id, oneOrMany(port.id)])),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'keelson.config.yaml',
    ...mapping({
      plugins: {
        description: 'Enabled plugins: ids of folders in plugins/, or names of installed packages (keelson-plugin-…).',
        type: 'array',
        items: { type: 'string' },
        uniqueItems: true,
      },
      connections: {
        description: 'Configured accounts at vendors, by a name of your own.',
        type: 'object',
        additionalProperties: { oneOf: registry.list().map(connectionSchema) },
      },
      bindings: {
        description: 'Which connection serves which port, per product type; products override their type.',
        ...mapping({
          default: bindings,
          ...Object.fromEntries(productTypes.map((type) => [type, bindings])),
          products: { type: 'object', additionalProperties: bindings },
        }),
      },
      servers: { type: 'array', items: serverSchema },
      drift: driftSchema,
    }),
  };
}

const text = { type: 'string', minLength: 1 };

const serverSchema: JsonSchema = {
  ...mapping({
    name: text,
    connection: { ...text, description: 'A connection that speaks the provisioner port.' },
    group: { ...text, description: 'Servers of one group are interchangeable.' },
    capacity: orVariable({ type: 'integer', minimum: 1, description: 'Most accounts it may hold.' }),
    region: text,
    nameservers: { type: 'array', items: text },
  }),
  required: ['name', 'connection', 'group', 'capacity'],
};

const limitsSchema: JsonSchema = {
  description:
    'How much of the account is used. What is not set here comes from the plugin, where it knows a limit of the vendor.',
  ...mapping({
    concurrency: orVariable({ type: 'integer', minimum: 1, description: 'Uses at once, of all workers together.' }),
    ratePerSecond: orVariable({ type: 'number', exclusiveMinimum: 0, description: 'Uses a second, on average.' }),
    burst: orVariable({ type: 'integer', minimum: 1, description: 'Uses that may come together after a quiet time.' }),
  }),
};

const driftSchema: JsonSchema = {
  description: 'How vendors are compared with what we believe, and what is done about differences.',
  ...mapping({
    observeEveryMinutes: minutes('Between two observations of the same things.', 'observeEveryMinutes'),
    confirmAfterMinutes: minutes('A difference counts once it was seen again after so long.', 'confirmAfterMinutes'),
    brakePercent: orVariable({
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: defaultDriftConfig.brakePercent,
      description: 'Most that one plan may touch, and that a list may shrink by; three objects are always allowed.',
    }),
    policy: {
      description: 'Per kind: report (the default), repair by itself, or ignore.',
      ...mapping(
        Object.fromEntries(
          driftKinds.map((kind) => [
            kind,
            { enum: driftPolicies.filter((policy) => policy !== 'repair' || repairableKinds.includes(kind)) },
          ]),
        ),
      ),
    },
  }),
};

function minutes(description: string, name: 'observeEveryMinutes' | 'confirmAfterMinutes'): JsonSchema {
  return orVariable({ type: 'integer', minimum: 1, default: defaultDriftConfig[name], description });
}

function connectionSchema({ manifest }: LoadedPlugin): JsonSchema {
  const schema = targetConstructorToSchema(manifest.settings) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  const described = settingsOf(manifest.settings).map(({ name, description, example, secret }) => {
    const examples = example === undefined ? {} : { examples: [example] };
    const writeOnly = secret === true ? { writeOnly: true } : {};
    return [name, { description, ...examples, ...writeOnly, ...orVariable(schema.properties?.[name] ?? {}) }];
  });
  const settings = {
    ...mapping(Object.fromEntries(described) as Record<string, JsonSchema>),
    required: schema.required ?? [],
  };
  return {
    title: manifest.title,
    ...mapping({ plugin: { const: manifest.id }, settings, limits: limitsSchema }),
    required: settings.required.length > 0 ? ['plugin', 'settings'] : ['plugin'],
  };
}

/** A value, or a text with `${VARIABLE}` in it. */
function orVariable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'string', pattern: '\\$\\{[A-Za-z_]' }] };
}

function oneOrMany(port: string): JsonSchema {
  return {
    description: `Connection, or pool of connections, for ${port}.`,
    oneOf: [text, { type: 'array', items: text }],
  };
}

function mapping(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', additionalProperties: false, properties };
}
