import { readFileSync } from 'node:fs';
import ts from 'typescript';

export type Member = ts.MethodSignature | ts.PropertySignature;

/** Parses one file; nothing is resolved. */
export function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** The prose of the comment above a declaration, without its stars and tags; empty when there is none. */
export function proseOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  return comment === undefined ? '' : (ts.getTextOfJSDocComment(comment.comment) ?? '');
}

/** `@param` and other tags of the comment, one line each. */
export function tagsOf(node: ts.Node): { tag: string; name?: string; text: string }[] {
  return ts.getJSDocTags(node).map((tag) => ({
    tag: tag.tagName.text,
    ...(ts.isJSDocParameterTag(tag) ? { name: tag.name.getText() } : {}),
    text: ts.getTextOfJSDocComment(tag.comment) ?? '',
  }));
}

/** The comment above a declaration as it stands in the file, indented by so many blanks; empty when there is none. */
export function commentOf(node: ts.Node, indent: number): string {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  return comment === undefined ? '' : indented(comment.getText(), columnOf(comment), indent);
}

/** The declaration without the comment above it, indented by so many blanks; comments inside stay. */
export function codeOf(node: ts.Node, indent: number): string {
  return indented(node.getText(), columnOf(node), indent);
}

/** Properties and methods of an interface or an object type. */
export function membersOf(node: ts.InterfaceDeclaration | ts.TypeLiteralNode): Member[] {
  return node.members.filter((member) => ts.isMethodSignature(member) || ts.isPropertySignature(member));
}

/** Name of a member, quotes removed. */
export function nameOf(member: Member): string {
  return ts.isStringLiteral(member.name) ? member.name.text : member.name.getText();
}

/** Names of the types that a declaration mentions. */
export function typeNamesIn(node: ts.Node): string[] {
  const names: string[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isTypeReferenceNode(child) && ts.isIdentifier(child.typeName)) names.push(child.typeName.text);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return [...new Set(names)];
}

/** Whether the type of a member is that of a function. */
export function isFunction(member: Member): boolean {
  return ts.isMethodSignature(member) || (member.type !== undefined && ts.isFunctionTypeNode(member.type));
}

function columnOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).character;
}

/** Moves all lines but the first, which starts at the given column; empty lines stay empty. */
function indented(text: string, column: number, indent: number): string {
  const margin = ' '.repeat(indent);
  return text
    .split('\n')
    .map((line, index) => {
      const rest = index === 0 ? line : line.replace(new RegExp(`^ {0,${column}}`), '');
      return rest === '' ? '' : margin + rest;
    })
    .join('\n');
}
