import { requireFreeDomain, success, type CommandArguments, type CommandResult } from './account-commands.js';
import type { PanelState, SimulatedUser } from './panel-state.types.js';
import { CommandRefusal } from './refusals.js';

const pemBlock = /-----BEGIN ([A-Z ]+)-----\n[\w+/=\n]+-----END \1-----/g;

/** Commands that a reseller gives in the name of an account. */
export const userCommands: Record<
  string,
  (state: PanelState, user: SimulatedUser, args: CommandArguments) => CommandResult
> = {
  CMD_API_CHANGE_DOMAIN: (state, user, { old_domain: old = '', new_domain: wanted = '' }) => {
    requireOwn(user, old);
    requireFreeDomain(state, wanted);
    user.domain = wanted;
    return { answer: success('Domain changed'), changed: true };
  },
  CMD_API_SSL: (_state, user, { domain = '', action, type, certificate = '' }) => {
    requireOwn(user, domain);
    if (action !== 'save' || type !== 'paste') throw new CommandRefusal('Error', 'Unknown action');
    const labels = [...certificate.matchAll(pemBlock)].map(([, label]) => label);
    const rest = certificate.replaceAll(pemBlock, '').trim();
    if (!labels.includes('PRIVATE KEY') || !labels.includes('CERTIFICATE') || rest !== '') {
      throw new CommandRefusal('Error', 'Unable to find both a certificate and a private key');
    }
    user.certificates[domain] = certificate;
    return { answer: success('Certificate and Key Saved.'), changed: true };
  },
  CMD_API_DOMAIN: (_state, user, { domain = '', action, val, force_ssl: force }) => {
    requireOwn(user, domain);
    if (action !== 'private_html' || val !== 'symlink') throw new CommandRefusal('Error', 'Unknown action');
    user.forced = user.forced.filter((one) => one !== domain).concat(force === 'yes' ? [domain] : []);
    return { answer: success('Saved'), changed: true };
  },
};

function requireOwn({ domain }: SimulatedUser, wanted: string): void {
  if (domain !== wanted) throw new CommandRefusal('Error', 'You do not own that domain');
}
