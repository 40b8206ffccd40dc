import type { PortSource } from './port-source.js';
import type { SuiteSource } from './suite-source.js';

/** What a plugin is generated from. */
export interface PluginPlan {
  /** Kebab-case id: `acme-dns`. */
  vendor: string;
  /** As people write it: `Acme DNS`. */
  title: string;
  /** `AcmeDns`, for classes. */
  pascal: string;
  /** `acmeDns`, for functions. */
  camel: string;
  ports: PlannedPort[];
  /** The suite of faults on the wire. */
  transport: SuiteSource;
  /** In the folder `plugins` of a checkout, or a package of its own. */
  home: 'checkout' | 'package';
  /** Versions of what the package needs, by name. */
  versions: Readonly<Record<string, string>>;
}

export interface PlannedPort {
  source: PortSource;
  suite: SuiteSource | undefined;
  /** Capabilities to declare, in the order of the port. */
  capabilities: PortSource['capabilities'];
  /** `AcmeAdapter`, or `AcmeMailboxAdapter` where the plugin speaks several ports. */
  adapterName: string;
  /** `acme`, or `acme.mailbox`: what its files are called before the role. */
  stem: string;
}

/** A file of a plugin, relative to its folder. */
export interface PlannedFile {
  path: string;
  text: string;
}

/** `acme-dns` → `AcmeDns`. */
export function pascalOf(vendor: string): string {
  return vendor
    .split('-')
    .map((part) => `${part[0]?.toUpperCase() ?? ''}${part.slice(1)}`)
    .join('');
}

/** Name for the classes: of the title when that is the vendor's own spelling (`DirectAdmin`), else of the id. */
export function classNameOf(vendor: string, title: string): string {
  const letters = title.replaceAll(/[^A-Za-z0-9]/g, '');
  const same = letters.toLowerCase() === vendor.replaceAll('-', '');
  return same && /^[A-Z]/.test(letters) ? letters : pascalOf(vendor);
}

/** A list of texts as Prettier writes it in a property at this indentation: on one line when it fits. */
export function textListOf(name: string, texts: readonly string[], indent: number): string {
  const margin = ' '.repeat(indent);
  const line = `${margin}${name}: [${texts.map((text) => `'${text}'`).join(', ')}],`;
  if (line.length <= 120) return `${line}\n`;
  return `${margin}${name}: [\n${texts.map((text) => `${margin}  '${text}',\n`).join('')}${margin}],\n`;
}

/** An import as Prettier writes it: on one line when it fits. */
export function importOf(names: readonly string[], from: string, kind: 'import' | 'import type' = 'import'): string {
  const unique = [...new Set(names)];
  const line = `${kind} { ${unique.join(', ')} } from '${from}';`;
  if (line.length <= 120) return line;
  return `${kind} {\n${unique.map((name) => `  ${name},\n`).join('')}} from '${from}';`;
}
