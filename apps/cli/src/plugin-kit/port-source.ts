import { ports, type AnyPort } from '@keelson/core';
import ts from 'typescript';
import { typescriptFiles } from './package-folders.js';
import { codeOf, commentOf, membersOf, nameOf, parse, proseOf, tagsOf, typeNamesIn } from './typescript-source.js';

/** A method of a port with its contract. */
export interface MethodSource {
  name: string;
  /** Without the final semicolon: `ensureZone(spec: ZoneSpec): Promise<Zone>`. */
  signature: string;
  /** The contract. */
  prose: string;
  parameters: { name: string; text: string }[];
  /** The comment as it stands in the source, indented like a member of a class. */
  comment: string;
  parameterNames: string[];
  /** Types of the core that the signature mentions. */
  types: string[];
}

/** A type that the port declares, comments included. */
export interface TypeSource {
  name: string;
  prose: string;
  code: string;
}

/** A port as its source says it. */
export interface PortSource {
  port: AnyPort;
  /** Name of the interface that every adapter implements: `DnsPort`. */
  interfaceName: string;
  /** Name of the constant: `dnsPort`. */
  constantName: string;
  prose: string;
  methods: MethodSource[];
  capabilities: { name: string; prose: string; methods: MethodSource[] }[];
  types: TypeSource[];
}

/** Every port of this core in the order of the core, read from its sources or from its declarations. */
export function readPorts(): PortSource[] {
  const files = typescriptFiles('@keelson/core', 'ports', '.port');
  return Object.values(ports).map((port: AnyPort) => {
    const file = files.find((path) => /([\w-]+)\.port\./.exec(path)?.[1] === port.id);
    if (file === undefined) throw new Error(`the source of the port ${port.id} is missing in @keelson/core`);
    return readPort(port, parse(file));
  });
}

/** @throws Error naming the ports that there are */
export function findPortSource(id: string): PortSource {
  const all = readPorts();
  const found = all.find(({ port }) => port.id === id);
  if (found !== undefined) return found;
  throw new Error(`there is no port "${id}": choose of ${all.map(({ port }) => port.id).join(', ')}`);
}

function readPort(port: AnyPort, source: ts.SourceFile): PortSource {
  const stem = port.id[0]?.toUpperCase() + port.id.slice(1);
  const declared = source.statements.filter(
    (statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement),
  );
  const main = declared.find(({ name }) => name.text === `${stem}Port`);
  const extras = declared.find(({ name }) => name.text === `${stem}Extras`);
  if (main === undefined || !ts.isInterfaceDeclaration(main)) throw new Error(`${source.fileName} lacks ${stem}Port`);
  if (extras === undefined || !ts.isTypeAliasDeclaration(extras) || !ts.isTypeLiteralNode(extras.type)) {
    throw new Error(`${source.fileName} lacks ${stem}Extras`);
  }
  const types = declared.filter((one) => one !== main && one !== extras);
  const known = new Set([...types.map(({ name }) => name.text), ...importedNames(source)]);
  return {
    port,
    interfaceName: main.name.text,
    constantName: `${port.id}Port`,
    prose: proseOf(main),
    methods: methodsOf(main, known),
    capabilities: membersOf(extras.type).map((member) => ({
      name: nameOf(member),
      prose: proseOf(member),
      methods:
        ts.isPropertySignature(member) && member.type !== undefined && ts.isTypeLiteralNode(member.type)
          ? methodsOf(member.type, known)
          : [],
    })),
    types: types.map((one) => ({ name: one.name.text, prose: proseOf(one), code: codeOf(one, 0) })),
  };
}

function methodsOf(node: ts.InterfaceDeclaration | ts.TypeLiteralNode, known: ReadonlySet<string>): MethodSource[] {
  return membersOf(node)
    .filter((member) => ts.isMethodSignature(member))
    .map((member) => ({
      name: nameOf(member),
      signature: codeOf(member, 0).replace(/;$/, ''),
      prose: proseOf(member),
      parameters: tagsOf(member).flatMap(({ tag, name, text }) => (tag === 'param' && name ? [{ name, text }] : [])),
      comment: commentOf(member, 2),
      parameterNames: member.parameters.map((parameter) => parameter.name.getText()),
      types: typeNamesIn(member).filter((name) => known.has(name)),
    }));
}

function importedNames(source: ts.SourceFile): string[] {
  return source.statements.filter(ts.isImportDeclaration).flatMap(({ importClause }) => {
    const bindings = importClause?.namedBindings;
    return bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
  });
}
