import { SaxesParser } from 'saxes';

/** An element of an answer. Every value is text: XML has no numbers and no one-element lists to confuse. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** Text directly in it, trimmed. */
  text: string;
}

/** The `reply` part of an answer. */
export interface NameSiloReply {
  /** `300` for success; `namesilo.errors.ts` tells the others. */
  code: number;
  detail: string;
  body: XmlElement;
}

/**
 * Reads an answer. Document types are refused, so no entity is ever expanded.
 * @throws Error when the text is not one whole, well-formed answer with a numeric code
 */
export function parseReply(text: string): NameSiloReply {
  const root = parseXml(text);
  const body = root.name === 'namesilo' ? child(root, 'reply') : undefined;
  const code = body === undefined ? undefined : textOf(body, 'code');
  if (body === undefined || code === undefined || !/^\d{1,6}$/.test(code)) throw new Error('not an answer of the API');
  return { code: Number(code), detail: textOf(body, 'detail') ?? '', body };
}

/** The first child of this name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((one) => one.name === name);
}

/** All children of this name, in order. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((one) => one.name === name);
}

/** Text of the first child of this name; undefined when it is absent or empty. */
export function textOf(element: XmlElement, name: string): string | undefined {
  const text = child(element, name)?.text;
  return text === '' ? undefined : text;
}

function parseXml(text: string): XmlElement {
  const document: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [document];
  const parser = new SaxesParser();
  const append = (part: string): void => {
    const inner = open.at(-1);
    if (inner !== undefined) inner.text += part;
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('answers have no document type');
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (closed !== undefined) closed.text = closed.text.trim();
  });
  parser.write(text).close();
  const [root] = document.children;
  if (root === undefined) throw new Error('there is no element');
  return root;
}
