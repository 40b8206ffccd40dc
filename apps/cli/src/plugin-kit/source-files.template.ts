import { importOf, textListOf, type PlannedFile, type PlannedPort, type PluginPlan } from './plugin-plan.js';

/** The files of `src/`. */
export function sourceFiles(plan: PluginPlan): PlannedFile[] {
  const { vendor } = plan;
  return [
    { path: 'src/index.ts', text: index(plan) },
    { path: `src/${vendor}.plugin.ts`, text: plugin(plan) },
    { path: `src/${vendor}.config.ts`, text: config(plan) },
    { path: `src/${vendor}.client.ts`, text: client(plan) },
    { path: `src/${vendor}.errors.ts`, text: errors(plan) },
    { path: `src/${vendor}.mapper.ts`, text: mapper() },
    ...plan.ports.map((port) => ({ path: `src/${port.stem}.adapter.ts`, text: adapter(plan, port) })),
  ];
}

function index({ vendor, ports }: PluginPlan): string {
  const files = [
    ...ports.map(({ stem }) => `${stem}.adapter`),
    ...['client', 'config', 'errors', 'plugin'].map((role) => `${vendor}.${role}`),
  ];
  return files.map((file) => `export * from './${file}.js';\n`).join('');
}

function plugin({ vendor, title, pascal, ports }: PluginPlan): string {
  const offers = ports.map(
    ({ source, capabilities, adapterName }) => `    adapterFor(${source.constantName}, {
      portVersion: ${source.port.version},
      settings: ${pascal}Settings,
${
  capabilities.length === 0
    ? ''
    : textListOf(
        'capabilities',
        capabilities.map(({ name }) => name),
        6,
      )
}      create: (settings) => new ${adapterName}(new ${pascal}Client(settings)),
    }),
`,
  );
  return `${importOf(['adapterFor', ...ports.map(({ source }) => source.constantName), 'Plugin'], '@keelson/core')}
${ports.map(({ adapterName, stem }) => `import { ${adapterName} } from './${stem}.adapter.js';\n`).join('')}import { ${pascal}Client } from './${vendor}.client.js';
import { ${pascal}Settings } from './${vendor}.config.js';

/** What ${title} is to Keelson. An adapter made here does no input or output: boot makes one and throws it away. */
@Plugin({
  id: '${vendor}',
  title: '${title}',
  version: '0.1.0',
  settings: ${pascal}Settings,
  adapters: [
${offers.join('')}  ],
})
export class ${pascal}Plugin {}
`;
}

function config({ pascal }: PluginPlan): string {
  return `import { Setting, UrlSetting } from '@keelson/core';
import { Matches } from 'class-validator';

/** What an operator sets for a connection. Every property has a rule and a description; the README lists them all. */
export class ${pascal}Settings {
  @UrlSetting({ description: 'Address of the API.', example: 'https://api.example.com' })
  url: string;

  @Setting({ description: 'Token of an account that may use the API.', secret: true })
  @Matches(/^[\\x21-\\x7e]+$/, { message: 'apiToken must be printable ASCII without spaces' })
  apiToken: string;
}
`;
}

function client({ vendor, pascal, camel }: PluginPlan): string {
  return `import { VendorHttp, type VendorRequest } from '@keelson/core';
import type { ${pascal}Settings } from './${vendor}.config.js';
import { ${camel}Error } from './${vendor}.errors.js';

/** The vendor's HTTP API and nothing else: answers come out as parsed JSON, unchecked, failures as \`PortError\`. */
export class ${pascal}Client {
  private readonly http: VendorHttp;

  constructor({ url, apiToken }: ${pascal}Settings) {
    this.http = new VendorHttp({ baseUrl: url, headers: { authorization: \`Bearer \${apiToken}\` } });
  }

  /** Only reads: an unclear answer is \`unavailable\`. */
  read(path: string, query?: VendorRequest['query']): Promise<unknown> {
    return this.send({ method: 'GET', path, query, acts: false });
  }

  /** Changes something: an unclear answer is \`outcome-unknown\`. */
  act(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, json?: unknown): Promise<unknown> {
    return this.send({ method, path, json, acts: true });
  }

  private async send(request: VendorRequest): Promise<unknown> {
    const response = await this.http.request(request);
    if (response.status < 200 || response.status > 299) throw ${camel}Error(response, request.acts);
    return response.status === 204 ? undefined : response.json();
  }
}
`;
}

function errors({ camel }: PluginPlan): string {
  return `import { errorBodyFrom, vendorError, type Meaning, type PortError, type VendorResponse } from '@keelson/core';

const refused: Meaning = [
  'invalid-config',
  'The provider refuses our credentials: check the settings of the connection.',
];

/** What the vendor's answers mean. Add its own codes from its documentation; 429 and 502 to 504 never come here. */
const statuses: Readonly<Record<number, Meaning>> = {
  400: ['invalid-input', 'The provider refused the request as not valid.'],
  401: refused,
  403: refused,
  404: ['not-found', 'The provider does not know it.'],
  409: ['already-exists', 'It exists already at the provider.'],
  422: ['invalid-input', 'The provider refused the request as not valid.'],
};

/** The error that an answer outside the documented success means. \`acts\`: whether the request may have changed something. */
export function ${camel}Error({ status, text }: VendorResponse, acts: boolean): PortError {
  const body = errorBodyFrom(text);
  // A 404 without the vendor's own body comes from something in front of it and proves no absence.
  const meaning = status === 404 && Object.keys(body).length === 0 ? undefined : statuses[status];
  return vendorError(meaning, { acts, status, code: body['code'], message: body['message'] });
}
`;
}

function mapper(): string {
  return `import { textsFrom } from '@keelson/core';

/**
 * The id in the answer to a creation. In its place comes one function for each thing of the port: pure, and checking what it reads
 * with \`objectFrom\`, \`arrayFrom\`, \`textsFrom\` and \`textOf\`.
 * @throws PortError for an answer outside the vendor's documentation
 */
export function idFrom(answer: unknown): string {
  return textsFrom(answer, ['id'], true).id;
}
`;
}

function adapter({ vendor, pascal }: PluginPlan, { source, capabilities, adapterName }: PlannedPort): string {
  const { port, interfaceName } = source;
  const methods = [...source.methods, ...capabilities.flatMap((capability) => capability.methods)];
  const types = [interfaceName, ...methods.flatMap((method) => method.types)];
  const optional = source.capabilities
    .filter((capability) => !capabilities.includes(capability))
    .map(({ name, methods: own }) => ` * - \`${name}\`: ${own.map((one) => one.name).join(', ') || 'no methods'}\n`);
  const about =
    optional.length === 0
      ? ''
      : ` *
 * Optional: name a capability in the manifest and write its methods, both or neither.
${optional.join('')}`;
  const bodies = methods.map(({ comment, signature, name, parameterNames }) => {
    const given = [`'${port.id}.${name}'`, 'this.client', ...parameterNames].join(', ');
    return `${comment === '' ? '' : `${comment}\n`}${indent(signature)} {\n    return notWritten(${given});\n  }\n`;
  });
  return `${importOf(
    [...new Set(types)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    '@keelson/core',
    'import type',
  )}
import type { ${pascal}Client } from './${vendor}.client.js';

/**
 * The ${port.id} port. It translates only: the engine repeats, the guard logs and keeps the deadline.
${about} */
export class ${adapterName} implements ${interfaceName} {
  constructor(private readonly client: ${pascal}Client) {}

${bodies.join('\n')}}

/** Goes with the last method that calls it. */
function notWritten(method: string, ..._given: unknown[]): Promise<never> {
  return Promise.reject(new Error(\`\${method} is not written\`));
}
`;
}

function indent(signature: string): string {
  return signature
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
