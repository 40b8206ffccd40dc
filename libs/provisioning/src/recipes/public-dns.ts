import { Resolver } from 'node:dns/promises';

/** What name servers answer to everybody, without any cache in between. */
export class PublicDns {
  /** @param resolvers `host:port` of the servers to ask; none: those that the zone itself is delegated to */
  constructor(private readonly resolvers: readonly string[] = []) {}

  /** Whether every server that answers for the name has the TXT value. Never throws: what cannot be reached has nothing. */
  async hasTxt(name: string, value: string): Promise<boolean> {
    const servers = this.resolvers.length > 0 ? this.resolvers : await this.authoritative(name);
    if (servers.length === 0) return false;
    const answers = await Promise.all(servers.map((server) => this.askTxt(server, name)));
    return answers.every((values) => values.includes(value));
  }

  private async askTxt(server: string, name: string): Promise<string[]> {
    try {
      const records = await resolverAt(server).resolveTxt(name);
      return records.map((chunks) => chunks.join(''));
    } catch {
      return [];
    }
  }

  /** Addresses of the name servers of the closest zone above the name, as the world's resolvers know them. */
  private async authoritative(name: string): Promise<string[]> {
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    const labels = name.split('.');
    for (let skip = 1; skip < labels.length - 1; skip += 1) {
      const hosts = await resolver.resolveNs(labels.slice(skip).join('.')).catch((): string[] => []);
      if (hosts.length === 0) continue;
      const addresses = await Promise.all(hosts.map((host) => resolver.resolve4(host).catch((): string[] => [])));
      return addresses.flatMap((list) => list.slice(0, 1));
    }
    return [];
  }
}

function resolverAt(server: string): Resolver {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  resolver.setServers([server]);
  return resolver;
}
