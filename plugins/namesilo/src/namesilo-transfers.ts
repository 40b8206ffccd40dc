import { isPortError, PortError, type Clock, type RegisteredDomain, type TransferState } from '@keelson/core';
import { privacyKnown } from './namesilo-input.mapper.js';
import { transferFrom } from './namesilo-transfer.mapper.js';
import { offersFrom } from './namesilo.mapper.js';
import { unlessAbsent, type NameSiloClient, type Parameters } from './namesilo.client.js';
import type { NameSiloSettings } from './namesilo.config.js';

type Pending = TransferState & { state: 'pending' };
type Failed = TransferState & { state: 'failed' };

/** Transfers last days. */
const checkEveryMs = 4 * 3_600_000;

/** Transfers in. The API knows them by their domain, so the domain is our reference. */
export class NameSiloTransfers {
  constructor(
    private readonly client: NameSiloClient,
    private readonly settings: NameSiloSettings,
    private readonly clock: Clock,
    private readonly findDomain: (domain: string) => Promise<RegisteredDomain | undefined>,
  ) {}

  /** Orders the transfer unless the domain is here, is on its way, or a transfer that was paid can go on. */
  async start(domain: string, auth: string, contact: Parameters): Promise<TransferState> {
    const known = await this.find(domain);
    if (known !== undefined && known.state !== 'failed') return known;
    if (await this.resume(domain, auth, known?.remedy)) return this.pending(domain, 'registry');
    try {
      await this.refuseUnlessOffered(domain);
      await this.client.act('transferDomain', {
        domain,
        auth,
        payment_id: this.settings.paymentId,
        private: privacyKnown(domain) ? 1 : 0,
        auto_renew: 0,
        ...contact,
      });
      return this.pending(domain, 'registrar');
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.policy.repeat !== 'never') throw thrown;
      const raced = await this.find(domain);
      if (raced === undefined || raced.state === 'failed') throw thrown;
      return raced;
    }
  }

  /** @throws PortError `not-found` when there is neither a transfer nor the domain */
  async get(domain: string): Promise<TransferState> {
    const transfer = await this.find(domain);
    if (transfer === undefined) throw new PortError('not-found', 'There is no such transfer.');
    return transfer;
  }

  /** The port agrees on no price for transfers, so only the list price is paid. */
  private async refuseUnlessOffered(domain: string): Promise<void> {
    const offer = offersFrom(await this.client.read('checkTransferAvailability', { domains: domain })).get(domain);
    if (offer === undefined)
      throw new PortError('unavailable', 'Whether the domain can be transferred is not known now.');
    if (typeof offer !== 'object') throw new PortError('wrong-state', 'The domain cannot be transferred now.');
    if (offer.premium) throw new PortError('wrong-state', 'The transfer costs more than others of its ending.');
  }

  private async find(domain: string): Promise<TransferState | undefined> {
    const held = await this.findDomain(domain);
    if (held !== undefined && held.state !== 'pending') return { state: 'completed', reference: domain, domain: held };
    const reply = await unlessAbsent(this.client.read('checkTransferStatus', { domain }));
    if (reply === undefined) return undefined;
    const status = transferFrom(reply, this.clock.now());
    if (status.state === 'failed') return { ...status, reference: domain };
    return this.pending(domain, status.state === 'arrived' ? 'registrar' : status.waitingFor);
  }

  /** False when there is nothing to go on with: then it takes a new order. */
  private async resume(domain: string, auth: string, remedy: Failed['remedy']): Promise<boolean> {
    if (remedy === undefined) return false;
    try {
      if (remedy === 'auth-code') await this.client.act('transferUpdateChangeEPPCode', { domain, auth });
      else await this.client.act('transferUpdateResubmitToRegistry', { domain });
      return true;
    } catch (thrown) {
      if (isPortError(thrown) && thrown.code === 'not-found') return false;
      throw thrown;
    }
  }

  private pending(reference: string, waitingFor: Pending['waitingFor']): Pending {
    const checkAfter = new Date(this.clock.now().getTime() + checkEveryMs);
    return { state: 'pending', reference, checkAfter, waitingFor };
  }
}
