import { isPortError, PortError, type CertificateState, type Challenge, type Clock } from '@keelson/core';
import type { AcmeOrders, ReadOrder } from './acme-orders.js';
import { certificateRequest } from './certificate-keys.js';
import type { IssuanceBudget } from './issuance-budget.js';
import { failureReason, vendorDetails } from './letsencrypt.errors.js';
import { askAgain, challengeOf, issuedFrom } from './letsencrypt.mapper.js';
import type { AcmeAuthorization, AcmeChallenge, AcmeProblem } from './letsencrypt.types.js';
import type { OrderIntent, OrderRecords } from './order-records.js';

/** An order that was placed. */
export interface PlacedOrder extends OrderIntent {
  reference: string;
  orderUrl: string;
}

/** An authority that has not looked after a minute is asked again: our request may have been lost. */
const lookAgainMs = 60_000;

interface PendingChallenge {
  domain: string;
  challenge: AcmeChallenge;
}

/** Says how far an order is, and moves it on. Every step begins with reading the order, so that it can stop anywhere. */
export class OrderProgress {
  constructor(
    private readonly orders: AcmeOrders,
    private readonly records: OrderRecords,
    private readonly budget: IssuanceBudget,
    private readonly clock: Clock,
  ) {}

  /** @param how `read`: only look; `advance`: the challenges are in place */
  async of(placed: PlacedOrder, how: 'read' | 'advance'): Promise<CertificateState> {
    let order: ReadOrder;
    try {
      order = await this.orders.read(placed.orderUrl);
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.code !== 'not-found') throw thrown;
      const reason = 'The certificate authority no longer knows this order.';
      return { state: 'failed', reference: placed.reference, reason, vendor: thrown.details.vendor };
    }
    if (order.status === 'ready' && how === 'advance') order = await this.finalize(placed, order);
    switch (order.status) {
      case 'pending':
        return this.pending(placed, order, how);
      case 'ready':
        return this.wait(placed, [], how === 'read' ? this.clock.now() : this.later(order));
      case 'processing':
        return this.wait(placed, [], this.later(order));
      case 'valid':
        return this.issued(placed, order);
      case 'invalid':
        return this.failed(placed, order);
    }
  }

  private async pending(placed: PlacedOrder, order: ReadOrder, how: 'read' | 'advance'): Promise<CertificateState> {
    const authorizations = await this.authorizationsOf(order);
    await this.settle(placed, authorizations);
    if (authorizations.some(({ status }) => status !== 'pending' && status !== 'valid')) {
      return this.failure(placed, order, authorizations);
    }
    const open = authorizations
      .filter(({ status }) => status === 'pending')
      .map((one) => offerOf(one, placed.method))
      // Pebble names them in another order each time.
      .sort((a, b) => (a.challenge.url < b.challenge.url ? -1 : 1));
    if (how === 'advance') await this.look(placed, open);
    const challenges = await Promise.all(
      open.map(async ({ domain, challenge }) =>
        challengeOf(placed.method, domain, challenge.token, await this.orders.proofOf(challenge)),
      ),
    );
    return this.wait(placed, challenges, how === 'read' ? this.clock.now() : this.later(order));
  }

  /** Asks the authority to look, once for each challenge: every look may fail, and failures are counted. */
  private async look({ reference }: PlacedOrder, open: readonly PendingChallenge[]): Promise<void> {
    const looks = await this.records.looks(reference);
    for (const { domain, challenge } of open) {
      const now = this.clock.now().getTime();
      if (challenge.status !== 'pending' || now - (looks[challenge.url] ?? -Infinity) < lookAgainMs) continue;
      await this.budget.takeLook(reference, domain);
      looks[challenge.url] = now;
      await this.records.putLooks(reference, looks);
      await this.orders.look(challenge.url);
    }
  }

  private async finalize(placed: PlacedOrder, order: ReadOrder): Promise<ReadOrder> {
    const { reference, names, privateKeyPem, renewal, orderUrl } = placed;
    await this.budget.settle(reference, names);
    await this.budget.takeCertificate(reference, names, renewal);
    try {
      return await this.orders.finalize(order, await certificateRequest(privateKeyPem, names));
    } catch (thrown) {
      // Our answer may be lost, another call may have been faster, or the refusal ended the order: the order itself tells.
      if (!isPortError(thrown) || thrown.code === 'rate-limited' || thrown.code === 'unavailable') throw thrown;
      const after = await this.orders.read(orderUrl);
      if (after.status === 'ready' && thrown.details.vendor?.code !== 'orderNotReady') throw thrown;
      return after;
    }
  }

  private async issued(placed: PlacedOrder, { certificate }: ReadOrder): Promise<CertificateState> {
    const { reference, privateKeyPem } = placed;
    if (certificate === undefined) {
      throw new PortError('internal', 'The certificate authority answered in an unexpected way.');
    }
    const issued = issuedFrom(await this.orders.download(certificate), privateKeyPem);
    if (issued !== undefined) return { state: 'issued', reference, certificate: issued };
    // Authorities may give one pending order to two references; only one key can finish it.
    return { state: 'failed', reference, reason: 'The order was finished under another reference.' };
  }

  private async failed(placed: PlacedOrder, order: ReadOrder): Promise<CertificateState> {
    const authorizations = await this.authorizationsOf(order);
    await this.settle(placed, authorizations);
    return this.failure(placed, order, authorizations);
  }

  private failure(
    { reference, names }: PlacedOrder,
    { error }: ReadOrder,
    authorizations: readonly AcmeAuthorization[],
  ): CertificateState {
    const culprit = authorizations.find(({ status }) => status === 'invalid');
    const problem: AcmeProblem | undefined =
      culprit?.challenges.find((challenge) => challenge.error !== undefined)?.error ?? error;
    const reason =
      culprit === undefined && problem === undefined
        ? 'The order ran out before its challenges were in place.'
        : failureReason(problem, culprit?.domain ?? String(names[0]));
    return { state: 'failed', reference, reason, vendor: vendorDetails(problem) };
  }

  private async authorizationsOf(order: ReadOrder): Promise<AcmeAuthorization[]> {
    const authorizations: AcmeAuthorization[] = [];
    for (const url of order.authorizations) authorizations.push(await this.orders.readAuthorization(url));
    return authorizations;
  }

  private settle({ reference }: PlacedOrder, authorizations: readonly AcmeAuthorization[]): Promise<void> {
    // A domain and its wildcard are two authorizations of one name.
    const open = authorizations.filter(({ status }) => status !== 'valid').map(({ domain }) => domain);
    const accepted = authorizations.map(({ domain }) => domain).filter((domain) => !open.includes(domain));
    return this.budget.settle(reference, accepted);
  }

  private wait({ reference }: PlacedOrder, challenges: Challenge[], checkAfter: Date): CertificateState {
    return { state: 'pending', reference, challenges, checkAfter };
  }

  private later({ retryAfter }: ReadOrder): Date {
    return askAgain(retryAfter, this.clock.now());
  }
}

/** @throws PortError `unsupported` when the authority does not offer to look in this way */
function offerOf({ domain, challenges }: AcmeAuthorization, method: Challenge['type']): PendingChallenge {
  const challenge = challenges.find(({ type }) => type === method);
  if (challenge !== undefined) return { domain, challenge };
  throw new PortError('unsupported', `The certificate authority does not check ${domain} by ${method}.`);
}
