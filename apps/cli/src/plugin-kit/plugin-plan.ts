import type { PortSource } from './port-source.js';
import type { SuiteSource } from './suite-source.js';

/** What a plugin is generated from. */
export interface PluginPlan {
  /** Kebab-case id: `acme-dns`. */
  vendor: string;
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

/** An import as Prettier writes it: on one line when it fits. */
export function importOf(names: readonly string[], from: string, kind: 'import' | 'import type' = 'import'): string {
  const unique = [...new Set(names)];
  const line = `${kind} { ${unique.join(', ')} } from '${from}';`;
  if (line.length <= 120) return line;
  return `${kind} {\n${unique.map((name) => `  ${name},\n`).join('')}} from '${from}';`;
}
