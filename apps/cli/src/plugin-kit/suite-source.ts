import ts from 'typescript';
import { typescriptFiles } from './package-folders.js';
import { isFunction, membersOf, nameOf, parse, proseOf } from './typescript-source.js';

/** What a conformance suite wants from the one who runs it. */
export interface SuiteSource {
  /** `describeDnsAdapter` */
  functionName: string;
  /** Whether its second argument is the list of capabilities. */
  takesCapabilities: boolean;
  /** Name of the environment's type. */
  environmentName: string;
  /** What the environment holds. */
  members: { name: string; prose: string; isFunction: boolean; isOptional: boolean }[];
}

/** The suite of a port, or undefined when `@keelson/testing` has none. */
export function findSuite(portId: string): SuiteSource | undefined {
  return readSuite(`describe${portId[0]?.toUpperCase()}${portId.slice(1)}Adapter`);
}

/** The suite that every adapter over HTTP runs beside the one of its port. */
export function transportSuite(): SuiteSource {
  const suite = readSuite('describeTransportFaults');
  if (suite === undefined) throw new Error('@keelson/testing lacks describeTransportFaults');
  return suite;
}

function readSuite(functionName: string): SuiteSource | undefined {
  const sources = typescriptFiles('@keelson/testing', 'conformance', '').map(parse);
  const statements = sources.flatMap((source) => [...source.statements]);
  const suite = statements.filter(ts.isFunctionDeclaration).find(({ name }) => name?.text === functionName);
  const start = suite?.parameters.find(({ name }) => name.getText() === 'start')?.type;
  if (suite === undefined || start === undefined) return undefined;
  const { name: environmentName, omitted } = environmentOf(start);
  const interfaces = new Map(statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]));
  return {
    functionName,
    takesCapabilities: suite.parameters.some(({ name }) => name.getText() === 'capabilities'),
    environmentName,
    members: allMembers(environmentName, interfaces).filter(({ name }) => !omitted.includes(name)),
  };
}

/** The type in `() => Promise<Environment>` or `() => Promise<Omit<Environment, 'a' | 'b'>>`. */
function environmentOf(start: ts.TypeNode): { name: string; omitted: string[] } {
  const text = start.getText().replaceAll(/\s+/g, ' ');
  const [, name = ''] = /Promise< ?(?:Omit< ?)?(\w+)/.exec(text) ?? [];
  const [, omitted = ''] = /Omit<\s*\w+,([^>]*)>/.exec(text) ?? [];
  return { name, omitted: [...omitted.matchAll(/['"](\w+)['"]/g)].map(([, key]) => key ?? '') };
}

function allMembers(name: string, interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>): SuiteSource['members'] {
  const declaration = interfaces.get(name);
  if (declaration === undefined) return [];
  const own = membersOf(declaration).map((member) => ({
    name: nameOf(member),
    prose: proseOf(member),
    isFunction: isFunction(member),
    isOptional: member.questionToken !== undefined,
  }));
  const bases = (declaration.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => type.expression));
  return [...own, ...bases.flatMap((base) => allMembers(base.getText(), interfaces))];
}
