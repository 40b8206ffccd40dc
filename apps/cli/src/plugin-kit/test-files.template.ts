import { importOf, type PlannedFile, type PlannedPort, type PluginPlan } from './plugin-plan.js';
import type { SuiteSource } from './suite-source.js';

/** The files of `simulator/` and `test/`. */
export function testFiles(plan: PluginPlan): PlannedFile[] {
  const { vendor } = plan;
  return [
    { path: 'simulator/index.ts', text: `export { startSimulator } from './${vendor}.simulator.js';\n` },
    { path: `simulator/${vendor}.simulator.ts`, text: simulator(plan) },
    { path: `test/${vendor}.client.spec.ts`, text: clientSpec(plan) },
    { path: `test/${vendor}.errors.spec.ts`, text: errorsSpec(plan) },
    ...plan.ports.map((port) => ({ path: `test/${port.stem}.conformance.spec.ts`, text: conformance(plan, port) })),
  ];
}

function simulator({ vendor, title }: PluginPlan): string {
  return `import { createHttpSimulator, notWritten, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';

const apiToken = 'simulated-${vendor}-token';

/**
 * Plays ${title} on loopback. Give it the routes of the vendor's documentation, with state (\`StateFile\` keeps it in
 * \`options.home\`); in each route that changes something set \`request.subject\` and \`request.changed\` for the ledger.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const http = createHttpSimulator({ port: options.port, latencyMs: options.latencyMs, badDay: options.badDay });
  http.app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization === \`Bearer \${apiToken}\`) return;
    await reply.code(401).send({ error: 'Unauthorized' });
  });
  http.app.setNotFoundHandler(() => notWritten('the routes of the simulator'));
  const url = await http.listen();
  return {
    plugin: '${vendor}',
    endpoints: [{ name: 'API', url }],
    settings: { url, apiToken },
    ledger: http.ledger,
    faults: http.faults,
    stop: () => http.stop(),
  };
}
`;
}

function clientSpec({ vendor, pascal }: PluginPlan): string {
  return `import { afterEach, describe, expect, it } from '@jest/globals';
import { startCannedServer, type CannedServer } from '@keelson/testing/simulator';
${importOf([`${pascal}Client`, `${pascal}Settings`], '../src/index.js')}

let server: CannedServer | undefined;
afterEach(() => server?.stop());

/** A client in front of a server that gives these answers: the odd ones that the simulator does not give. */
async function clientOf(answers: Parameters<typeof startCannedServer>[0]): Promise<${pascal}Client> {
  server = await startCannedServer(answers);
  return new ${pascal}Client(Object.assign(new ${pascal}Settings(), { url: server.url, apiToken: 'some-token' }));
}

describe('the client of ${vendor}', () => {
  it('carries its token in a header, never in an address', async () => {
    const client = await clientOf({ 'GET /things': { body: { id: 't1' } } });
    expect(await client.read('/things', { name: 'a b' })).toEqual({ id: 't1' });
    expect(server?.requests.map(({ line }) => line)).toEqual(['GET /things?name=a+b']);
    expect(server?.requests[0]?.headers).toMatchObject({ authorization: 'Bearer some-token' });
  });

  it('does not know what became of a request that acts when the answer is none of the vendor', async () => {
    const client = await clientOf({ 'POST /things': { body: '<html>' }, 'DELETE /things': { status: 500 } });
    await expect(client.act('POST', '/things', {})).rejects.toMatchObject({ code: 'outcome-unknown' });
    await expect(client.act('DELETE', '/things')).rejects.toMatchObject({ code: 'outcome-unknown' });
  });
});
`;
}

function errorsSpec({ vendor, camel }: PluginPlan): string {
  return `import { describe, expect, it } from '@jest/globals';
import { ${camel}Error } from '../src/${vendor}.errors.js';

const said = '{"message":"so it is"}';
const answer = (status: number, text = said) => ({ status, headers: {}, text, json: () => undefined });

describe('errors of ${vendor}', () => {
  it.each([
    [400, 'invalid-input'],
    [401, 'invalid-config'],
    [404, 'not-found'],
    [409, 'already-exists'],
  ])('means by %i: %s', (status, code) => {
    const error = ${camel}Error(answer(status), true);
    expect(error).toMatchObject({ code, details: { vendor: { status, message: 'so it is' } } });
  });

  it('takes no absence from something in front of the vendor', () => {
    expect(${camel}Error(answer(404, '<html>'), false).code).toBe('unavailable');
  });

  it('takes any other answer to a request that acts as an unknown outcome, and to one that reads as unavailable', () => {
    expect(${camel}Error(answer(500), true).code).toBe('outcome-unknown');
    expect(${camel}Error(answer(500), false).code).toBe('unavailable');
  });
});
`;
}

function conformance(plan: PluginPlan, port: PlannedPort): string {
  const { vendor, pascal, transport } = plan;
  const { source, suite } = port;
  const { constantName } = source;
  const first = plan.ports[0] === port;
  const testing = [
    ...(suite === undefined ? [] : [suite.functionName]),
    transport.functionName,
    ...(first ? ['describeWritten'] : []),
    'notWritten',
    'pluginUnderTest',
  ];
  const suites = [
    ...(suite === undefined
      ? []
      : [
          `${suite.functionName}('${vendor}', ${suite.takesCapabilities ? 'capabilities, ' : ''}async () => {\n${environment(suite)}});\n`,
        ]),
    `// Faults on the wire, for vendors that are reached over HTTP; take it out for one that is not.
${transport.functionName}<typeof ${constantName}>('${vendor}', async () => {\n${environment(transport)}});\n`,
  ];
  const body = suites.join('\n');
  const used = ['port', 'capabilities', 'adapterWith', 'withWrongSecrets', 'secretsIn'].filter((name) =>
    new RegExp(`\\b${name}\\b`).test(body),
  );
  return `import { ${constantName} } from '@keelson/core';
${importOf(testing.sort(), '@keelson/testing')}
import { startSimulator } from '../simulator/index.js';
import { ${pascal}Plugin } from '../src/index.js';

const tested = pluginUnderTest(${pascal}Plugin, ${constantName});
const { ${used.join(', ')} } = tested;

${first ? `describeWritten('${vendor}', import.meta.url);\n\n` : ''}${body}`;
}

/** What the kit knows by itself about the members of an environment; undefined: a variable of that name. */
const knownMembers: Readonly<Record<string, string | undefined>> = {
  port: undefined,
  capabilities: undefined,
  adapter: 'adapterWith(simulator.settings)',
  withWrongCredentials: 'adapterWith(withWrongSecrets(simulator.settings))',
  unreachable: "adapterWith({ ...simulator.settings, url: 'http://127.0.0.1:9' })",
  domain: "'conformance.example'",
  faults: 'simulator.faults',
  secrets: 'secretsIn(simulator.settings)',
  slowDown: "(milliseconds) => simulator.faults.set({ kind: 'latency', value: milliseconds })",
  stop: '() => simulator.stop()',
};

/**
 * The body of `start`: what the kit knows, `notWritten` for what only the author knows, values before anything starts, and in
 * comments what only some vendors need.
 */
function environment({ environmentName, members }: SuiteSource): string {
  const needed = members.filter(({ isOptional }) => !isOptional);
  const values = needed
    .filter(({ name, isFunction }) => !isFunction && !(name in knownMembers))
    .map(({ name, prose }) => `${comment(prose, 2)}  const ${name} = notWritten('${environmentName}.${name}');\n`);
  const entries = needed.map(({ name, prose, isFunction }) => {
    const known = knownMembers[name];
    if (known !== undefined) return `    ${name}: ${known},\n`;
    if (name in knownMembers || !isFunction) return `    ${name},\n`;
    return `${comment(prose, 4)}    ${name}: () => notWritten('${environmentName}.${name}'),\n`;
  });
  const optional = members
    .filter(({ isOptional }) => isOptional)
    .map(({ name, prose }) => comment(`${name}, where it applies: ${prose}`, 4));
  return `${values.join('')}  const simulator = await startSimulator();\n  return {\n${entries.join('')}${optional.join('')}  };\n`;
}

function comment(prose: string, indent: number): string {
  const margin = ' '.repeat(indent);
  return prose === ''
    ? ''
    : prose
        .split('\n')
        .map((line) => `${margin}// ${line}\n`)
        .join('');
}
