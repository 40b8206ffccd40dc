import { Resolver } from 'node:dns/promises';
import { PortError } from '../errors/port-error.js';
import type { Challenge } from '../ports/ssl.port.js';

export interface AuthoritativeDnsOptions {
  /** Servers (`address:port`) that find the authoritative ones; absent: those of the machine. */
  resolvers?: string[];
  /** Where authoritative servers listen. Default 53; one at the address of a resolver listens where that resolver does. */
  port?: number;
  /** Per question. Default 2 s; a server is asked twice. */
  timeoutMs?: number;
}

/** What one authoritative server says. */
export interface AuthoritativeAnswer {
  /** Host name of the server. */
  server: string;
  /** Values of the set, TXT without quotes and chunks; empty when there is none. Undefined: the server gave no answer. */
  values: string[] | undefined;
}

/** RFC 1034 names no bound; no sane zone needs more. */
const mostAliases = 8;
const absent = new Set(['ENODATA', 'ENOTFOUND', 'NXDOMAIN']);

/**
 * Asks the servers that are authoritative for a name, past every cache: what they all say is what the rest of the world is about to
 * see.
 */
export class AuthoritativeDns {
  private readonly recursive: Resolver;

  constructor(private readonly options: AuthoritativeDnsOptions = {}) {
    this.recursive = this.resolverFor(options.resolvers);
  }

  /**
   * What each authoritative server holds for the name, or for the name that it is an alias of.
   * @throws PortError `not-found` when no zone of the name has servers
   */
  async ask(name: string, type: 'A' | 'AAAA' | 'TXT'): Promise<AuthoritativeAnswer[]> {
    const target = await this.targetOf(name);
    const servers = await this.serversOf(target);
    const answers = servers.map(async ({ server, address }): Promise<AuthoritativeAnswer> => {
      const resolver = this.resolverFor([this.placeOf(address)]);
      const values = await emptyWhenAbsent(
        type === 'TXT'
          ? resolver.resolveTxt(target).then((texts) => texts.map((chunks) => chunks.join('')))
          : type === 'A'
            ? resolver.resolve4(target)
            : resolver.resolve6(target),
      ).catch(() => undefined);
      return { server, values };
    });
    return Promise.all(answers);
  }

  private async targetOf(name: string): Promise<string> {
    let target = name;
    for (let hops = 0; hops < mostAliases; hops += 1) {
      const [alias] = await emptyWhenAbsent(this.recursive.resolveCname(target)).catch(() => []);
      if (alias === undefined) break;
      target = alias;
    }
    return target;
  }

  private async serversOf(name: string): Promise<{ server: string; address: string }[]> {
    const labels = name.split('.');
    for (let first = 0; first < labels.length - 1; first += 1) {
      const zone = labels.slice(first).join('.');
      const servers = await emptyWhenAbsent(this.recursive.resolveNs(zone)).catch(() => []);
      const found = await Promise.all(servers.map((server) => this.addressesOf(server)));
      if (found.flat().length > 0) return found.flat();
    }
    throw new PortError('not-found', `No name servers are known for ${name}.`);
  }

  /** IPv6 only where there is no IPv4: our machine may have no way to it. */
  private async addressesOf(server: string): Promise<{ server: string; address: string }[]> {
    const four = await this.recursive.resolve4(server).catch(() => []);
    const addresses = four.length > 0 ? four : await this.recursive.resolve6(server).catch(() => []);
    return addresses.map((address) => ({ server, address }));
  }

  /** With the port. */
  private placeOf(address: string): string {
    const { resolvers = [], port } = this.options;
    const host = address.includes(':') ? `[${address}]` : address;
    const same = resolvers.find((server) => server.startsWith(`${host}:`));
    return port === undefined && same !== undefined ? same : `${host}:${port ?? 53}`;
  }

  private resolverFor(servers: string[] | undefined): Resolver {
    const resolver = new Resolver({ timeout: this.options.timeoutMs ?? 2_000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    return resolver;
  }
}

async function emptyWhenAbsent<T>(question: Promise<T[]>): Promise<T[]> {
  try {
    return await question;
  } catch (thrown) {
    if (absent.has(String((thrown as { code?: unknown }).code))) return [];
    throw thrown;
  }
}

/**
 * Which `dns-01` challenges an authority could miss, so that it need not be asked yet: a server that answers lacks the value, or
 * none answers. Challenges of other kinds are not looked at.
 */
export async function missingChallenges(
  challenges: readonly Challenge[],
  dns: Pick<AuthoritativeDns, 'ask'>,
): Promise<Challenge[]> {
  const missing = await Promise.all(
    challenges.map(async (challenge) => {
      if (challenge.type !== 'dns-01') return [];
      const answers = await dns.ask(challenge.recordName, 'TXT').catch(() => []);
      const given = answers.flatMap(({ values }) => (values === undefined ? [] : [values]));
      const visible = given.length > 0 && given.every((values) => values.includes(challenge.recordValue));
      return visible ? [] : [challenge];
    }),
  );
  return missing.flat();
}
