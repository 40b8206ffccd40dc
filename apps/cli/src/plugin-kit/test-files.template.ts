import { importOf, type PlannedFile, type PlannedPort, type PluginPlan } from './plugin-plan.js';
import type { SuiteSource } from './suite-source.js';

/** The files of `simulator/` and `test/`. */
export function testFiles(plan: PluginPlan): PlannedFile[] {
  const { vendor } = plan;
  return [
    { path: 'simulator/index.ts', text: `export { startSimulator } from './${vendor}.simulator.js';\n` },
    { path: `simulator/${vendor}.simulator.ts`, text: simulator(plan) },
    { path: `test/${vendor}.errors.spec.ts`, text: errorsSpec(plan) },
    ...plan.ports.map((port) => ({ path: `test/${port.stem}.conformance.spec.ts`, text: conformance(plan, port) })),
  ];
}

function simulator({ vendor, pascal }: PluginPlan): string {
  return `import { createHttpSimulator, notWritten, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';

const apiToken = 'simulated-${vendor}-token';

/**
 * Plays ${pascal} on loopback. Give it the routes of the vendor's documentation, with state (\`StateFile\` keeps it in
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

function errorsSpec({ vendor, camel }: PluginPlan): string {
  return `import { describe, expect, it } from '@jest/globals';
import { ${camel}Error } from '../src/${vendor}.errors.js';

const answer = (status: number) => ({ status, headers: {}, text: '', json: () => undefined });

describe('errors of ${vendor}', () => {
  it.each([
    [400, 'invalid-input'],
    [401, 'invalid-config'],
    [404, 'not-found'],
    [409, 'already-exists'],
  ])('means by %i: %s', (status, code) => {
    expect(${camel}Error(answer(status), true)).toMatchObject({ code, details: { vendor: { status } } });
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
  const { source, suite, adapterName } = port;
  const { constantName } = source;
  const core = ['manifestOf', constantName, 'type CapabilityOf'];
  const first = plan.ports[0] === port;
  const testing = [
    ...(suite === undefined ? [] : [suite.functionName]),
    transport.functionName,
    ...(first ? ['describeWritten'] : []),
    'notWritten',
  ];
  const suites = [
    ...(suite === undefined
      ? []
      : [
          `${suite.functionName}('${vendor}', ${suite.takesCapabilities ? 'capabilities, ' : ''}async () => {\n${environment(port, suite)}});\n`,
        ]),
    `// Faults on the wire, for vendors that are reached over HTTP; take it out for one that is not.
${transport.functionName}<typeof ${constantName}>('${vendor}', async () => {\n${environment(port, transport)}});\n`,
  ];
  return `${importOf(core, '@keelson/core')}
${importOf(testing.sort(), '@keelson/testing')}
import { startSimulator } from '../simulator/index.js';
${importOf([adapterName, `${pascal}Client`, `${pascal}Plugin`, `${pascal}Settings`], '../src/index.js')}

/** What the manifest declares. */
const offer = manifestOf(${pascal}Plugin)?.adapters.find(({ port }) => port === ${constantName}.id);
const capabilities = (offer?.capabilities ?? []) as CapabilityOf<typeof ${constantName}>[];

const adapterWith = (settings: object): ${adapterName} =>
  new ${adapterName}(new ${pascal}Client(Object.assign(new ${pascal}Settings(), settings)));

${first ? `describeWritten('${vendor}', import.meta.url);\n\n` : ''}${suites.join('\n')}`;
}

/** What the kit knows by itself about the members of an environment. */
function knownMembers({ source }: PlannedPort): Readonly<Record<string, string>> {
  return {
    port: source.constantName,
    adapter: 'adapterWith(simulator.settings)',
    withWrongCredentials: "adapterWith({ ...simulator.settings, apiToken: 'wrong-token' })",
    unreachable: "adapterWith({ ...simulator.settings, url: 'http://127.0.0.1:9' })",
    domain: "'conformance.example'",
    faults: 'simulator.faults',
    secrets: "[String(simulator.settings['apiToken']), 'wrong-token']",
    slowDown: "(milliseconds) => simulator.faults.set({ kind: 'latency', value: milliseconds })",
    stop: '() => simulator.stop()',
  };
}

/** The body of `start`: what the kit knows, and `notWritten` for what only the author knows, values before anything starts. */
function environment(port: PlannedPort, { environmentName, members }: SuiteSource): string {
  const known = knownMembers(port);
  const left = members.filter(({ name }) => name !== 'capabilities' && known[name] === undefined);
  const values = left
    .filter((member) => !member.isFunction)
    .map(({ name, prose }) => `${comment(prose, 2)}  const ${name} = notWritten('${environmentName}.${name}');\n`);
  const entries = members.map(({ name, prose, isFunction }) => {
    if (known[name] !== undefined) return `    ${name}: ${known[name]},\n`;
    if (name === 'capabilities' || !isFunction) return `    ${name},\n`;
    return `${comment(prose, 4)}    ${name}: () => notWritten('${environmentName}.${name}'),\n`;
  });
  return `${values.join('')}  const simulator = await startSimulator();\n  return {\n${entries.join('')}  };\n`;
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
