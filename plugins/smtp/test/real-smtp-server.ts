import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, startPostfix, userOf } from '@keelson/testing/peers';

/** A Postfix of its own, on loopback, that takes mail for some domains and never sends any on. */
export interface RealMailServer {
  host: string;
  port: number;
  /** It offers STARTTLS with this certificate, made out to `localhost`. */
  caPem: string;
  /** Raw messages delivered to one address, oldest first. Delivery follows the server's answer by some milliseconds. */
  readMail(address: string): Promise<string[]>;
  /** Ends it and removes its folder. Repeating it does nothing. */
  stop(): Promise<void>;
}

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.pem`, import.meta.url));

/**
 * Starts Debian's Postfix with one Maildir for all addresses of the domains.
 * @param domains every address of these is taken; all other recipients are refused for good
 * @throws Error with one sentence that says the fix, when there is no Postfix or it does not start
 */
export async function startRealMailServer(domains: string[]): Promise<RealMailServer> {
  const home = mkdtempSync(join(tmpdir(), 'keelson-postfix-'));
  const remove = () => rmSync(home, { recursive: true, force: true });
  try {
    const { uid, gid } = userOf('postfix');
    mkdirSync(join(home, 'mail'));
    chownSync(join(home, 'mail'), uid, gid);
    const [port = 0] = await freePorts(1);
    const main = `smtpd_tls_security_level = may
smtpd_tls_cert_file = ${fixture('localhost-cert')}
smtpd_tls_key_file = ${fixture('localhost-key')}
virtual_transport = virtual
virtual_mailbox_domains = ${domains.join(', ')}
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = static:all/
virtual_minimum_uid = 1
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
`;
    const postfix = await startPostfix({ home, port, main, delivery: 'virtual unix - n n - - virtual' });
    return {
      host: '127.0.0.1',
      port,
      caPem: readFileSync(fixture('localhost-cert'), 'utf8'),
      readMail: async (address) => readMaildir(join(home, 'mail', 'all', 'new'), address),
      stop: async () => {
        await postfix.stop();
        remove();
      },
    };
  } catch (failure) {
    remove();
    throw failure;
  }
}

/** Messages of a Maildir whose names begin with the time of their delivery. */
function readMaildir(folder: string, address: string): string[] {
  if (!existsSync(folder)) return [];
  const header = `\ndelivered-to: ${address.toLowerCase()}\n`;
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((raw) => `\n${raw.split('\n\n', 1)[0] ?? ''}\n`.toLowerCase().includes(header));
}
