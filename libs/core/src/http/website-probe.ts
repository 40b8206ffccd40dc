import { Resolver } from 'node:dns/promises';
import { type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { isIP } from 'node:net';
import type { Challenge } from '../ports/ssl.port.js';
import { isPublicAddress } from './public-address.js';

export interface WebsiteProbeOptions {
  /** Servers (`address:port`) that resolve names; absent: those of the machine. */
  resolvers?: string[];
  /** Where sites answer HTTP. Default 80. */
  port?: number;
  /** Where a redirect to HTTPS leads. Default 443. */
  tlsPort?: number;
  /** Whether loopback and private addresses are asked too: for authorities inside a private network, and tests. Default false. */
  privateAddresses?: boolean;
  /** For one look, redirects included. Default 5 s. */
  timeoutMs?: number;
}

/** Bytes of a body that are read; a proof has fewer than 400. */
const mostBytes = 4096;
const mostRedirects = 5;

/**
 * Asks a website as a certificate authority would: over HTTP on port 80, along redirects to ports 80 and 443 whose certificates nobody
 * checks. Asks only names, only addresses of the internet, reads little, and ends in time, because customers choose where it
 * leads.
 */
export class WebsiteProbe {
  private readonly resolver: Resolver;

  constructor(private readonly options: WebsiteProbeOptions = {}) {
    this.resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (options.resolvers !== undefined) this.resolver.setServers(options.resolvers);
  }

  /**
   * The body, without white space at its end, that `http://<domain><path>` answers 200 with; undefined for every other answer, and for
   * none.
   */
  async ask(domain: string, path: string): Promise<string | undefined> {
    const signal = AbortSignal.timeout(this.options.timeoutMs ?? 5_000);
    let url = new URL(path, `http://${domain}`);
    try {
      for (let hop = 0; hop <= mostRedirects; hop += 1) {
        const answer = await this.get(url, signal);
        if (answer === undefined) return undefined;
        if ('body' in answer) return answer.body.trimEnd();
        url = new URL(answer.location, url);
      }
    } catch {
      // Nobody answers, not in time, or not with HTTP.
    }
    return undefined;
  }

  private async get(url: URL, signal: AbortSignal): Promise<{ body: string } | { location: string } | undefined> {
    // Anything else is refused by authorities too.
    if (!['http:', 'https:'].includes(url.protocol) || url.port !== '') return undefined;
    const name = url.hostname;
    const address = await this.addressOf(name, signal);
    if (address === undefined) return undefined;
    const { port = 80, tlsPort = 443 } = this.options;
    const shared = { host: address, path: url.pathname + url.search, headers: { host: name }, agent: false, signal };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request =
        url.protocol === 'http:'
          ? plain({ ...shared, port }, resolve)
          : secure({ ...shared, port: tlsPort, servername: name, rejectUnauthorized: false }, resolve);
      request.once('error', reject).end();
    });
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return { body: await bodyOf(response) };
    response.destroy();
    const moved = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
    return moved ? { location: headers.location ?? '' } : undefined;
  }

  /** IPv6 only where there is no IPv4: our machine may have no way to it. */
  private async addressOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return undefined;
    const four = await this.resolver.resolve4(name).catch(() => []);
    const addresses = four.length > 0 ? four : await this.resolver.resolve6(name).catch(() => []);
    signal.throwIfAborted();
    return addresses.find((address) => this.options.privateAddresses === true || isPublicAddress(address));
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error('the body is too large for a proof');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Which `http-01` challenges an authority could miss, so that it need not be asked yet. Challenges of other kinds are not looked at. */
export async function missingHttpChallenges(
  challenges: readonly Challenge[],
  web: Pick<WebsiteProbe, 'ask'>,
): Promise<Challenge[]> {
  const missing = await Promise.all(
    challenges.map(async (challenge) => {
      if (challenge.type !== 'http-01') return [];
      const seen = await web.ask(challenge.domain, challenge.path).catch(() => undefined);
      return seen === challenge.body ? [] : [challenge];
    }),
  );
  return missing.flat();
}
