import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { textOf, type PluginFolder } from './plugin-folder.js';
import { whyNot } from './shape-problems.js';

/** Packages that anything of ours pulls in and that a plugin may import without listing them. */
const ours = new Set(['@keelson/core', '@keelson/testing']);

/** What the sources of a plugin do that a plugin must not, and what a generated one still lacks; each with its place. */
export function sourceProblems(plugin: PluginFolder): string[] {
  return plugin.files
    .filter((path) => /^(src|simulator|test)\/.*\.ts$/.test(path))
    .flatMap((path) => {
      const source = ts.createSourceFile(path, textOf(plugin, path), ts.ScriptTarget.Latest, true);
      const problems: string[] = [];
      const say = (node: ts.Node, what: string) => {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        problems.push(`${path}:${line + 1}: ${what}`);
      };
      const visit = (node: ts.Node): void => {
        for (const what of [importProblem(plugin, path, node), callProblem(path, node)]) {
          if (what !== undefined) say(node, what);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      return problems;
    });
}

function importProblem(plugin: PluginFolder, path: string, node: ts.Node): string | undefined {
  const from = moduleOf(node);
  if (from === undefined) return undefined;
  if (from.startsWith('.')) {
    const target = posix.join(posix.dirname(path), from);
    return target.startsWith('..') ? `imports ${from}: stay inside the plugin's folder` : undefined;
  }
  if (from.startsWith('node:') || builtinModules.includes(from)) return undefined;
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  const inSource = path.startsWith('src/');
  if (name === `keelson-plugin-${plugin.vendor}`) return undefined;
  if (/^@keelson\/|^keelson-plugin-/.test(name) && (inSource ? name !== '@keelson/core' : !ours.has(name)))
    return `imports ${from}: ${whyNot(name)}`;
  if (name === '@keelson/core' && from !== name)
    return `imports ${from}: import from "@keelson/core", which holds all of it`;
  if (/^(typeorm|bullmq|@nestjs\/(typeorm|bullmq))$/.test(name)) return `imports ${from}: ${whyNot(name)}`;
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = plugin.packageJson;
  const listed = { ...dependencies, ...peerDependencies, ...(inSource ? {} : devDependencies) };
  if (ours.has(name) || listed[name] !== undefined || (!inSource && plugin.home === 'checkout')) return undefined;
  return `imports ${from}: list ${name} in "${inSource ? 'dependencies' : 'devDependencies'}" of package.json`;
}

function moduleOf(node: ts.Node): string | undefined {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined;
  return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined;
}

const forbidden: readonly [pattern: RegExp, fix: string][] = [
  [/^process\.env$/, 'make it a setting: a plugin reads no environment'],
  [/^console\.\w+$/, 'throw a PortError with details.vendor instead: the guard logs'],
  [/^setInterval$/, 'a plugin starts nothing: long work answers "pending" with checkAfter'],
  [/^Date\.now$/, 'take the time from context.clock'],
];

function callProblem(path: string, node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && node.expression.getText() === 'notWritten') {
    const [what] = node.arguments;
    return `${what !== undefined && ts.isStringLiteral(what) ? what.text : 'this'} is not written: write it and take notWritten out`;
  }
  if (!path.startsWith('src/')) return undefined;
  if (ts.isNewExpression(node) && node.expression.getText() === 'Logger')
    return 'makes a Logger: the guard logs every call';
  if (ts.isDecorator(node) && /^@Entity\b/.test(node.getText())) return 'declares an entity: a plugin owns no tables';
  if (ts.isPropertyAccessExpression(node) || (ts.isIdentifier(node) && node.text === 'setInterval')) {
    const [, fix] = forbidden.find(([pattern]) => pattern.test(node.getText())) ?? [];
    return fix === undefined ? undefined : `uses ${node.getText()}: ${fix}`;
  }
  return undefined;
}
