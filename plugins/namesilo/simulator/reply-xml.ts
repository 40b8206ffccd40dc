/** What stands in an element: text, elements by name, or a list of elements of one name. */
export type Content = string | number | ReplyFields | (Content | WithAttributes)[] | WithAttributes;

export interface ReplyFields {
  [name: string]: Content | undefined;
}

/** An element that carries attributes beside its content. */
export class WithAttributes {
  constructor(
    readonly attributes: Record<string, string | number>,
    readonly content: Content,
  ) {}
}

/** An answer as the API writes it. Lists become repeated elements, what is undefined is left out. */
export function replyXml(operation: string, code: number, detail: string, fields: ReplyFields = {}): string {
  const answer = { request: { operation, ip: '127.0.0.1' }, reply: { code, detail, ...fields } };
  return `<?xml version="1.0"?>\n${element('namesilo', answer)}\n`;
}

function element(name: string, content: Content): string {
  if (Array.isArray(content)) return content.map((item) => element(name, item)).join('');
  const { attributes, content: inner } = content instanceof WithAttributes ? content : { attributes: {}, content };
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const body = inside(inner);
  return body === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${body}</${name}>`;
}

function inside(content: Content): string {
  if (typeof content !== 'object') return escape(content);
  const entries = Object.entries(content as ReplyFields);
  return entries.map(([name, value]) => (value === undefined ? '' : element(name, value))).join('');
}

function escape(value: string | number): string {
  return String(value).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
