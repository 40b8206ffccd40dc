import { PortError, registrableDomain, type AdapterState, type Clock } from '@keelson/core';

const hour = 3_600_000;

/**
 * What may be done in a window of time. One or a few less than the authority publishes (5 failures, 300 orders, 50 and 5
 * certificates), for what others do with the same names, and because the authority's clock is not ours.
 * @see https://letsencrypt.org/docs/rate-limits/
 */
const limits = {
  failures: { most: 4, windowMs: hour },
  orders: { most: 290, windowMs: 3 * hour },
  certificates: { most: 48, windowMs: 168 * hour },
  sameNames: { most: 4, windowMs: 168 * hour },
} as const;

/** Something that counts against a limit. */
interface Use {
  /** Milliseconds since 1970. */
  at: number;
  reference: string;
  /** A name, without `*.`, for looks; all names for certificates. */
  about: string;
}

/** Kept for each registered domain. */
interface DomainUse {
  /** Certificates that were asked for. */
  certificates: Use[];
  /** Looks for a challenge that are not known to have succeeded. */
  looks: Use[];
}

/**
 * Keeps our use of an account below what the authority publishes, so that it never has to refuse us: its refusals hold for days. Uses
 * are counted before the request that they belong to.
 */
export class IssuanceBudget {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly state: AdapterState,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts one order, unless it renews a certificate: those are exempt.
   * @throws PortError `rate-limited` with the time until a new order with these names can end in a certificate
   */
  takeOrder(reference: string, names: readonly string[], renewal: boolean): Promise<void> {
    return this.inTurn(async () => {
      for (const domain of domainsOf(names)) {
        const use = this.useIn(await this.state.get(keyOf(domain)));
        this.refuseFailures(use, names);
        if (!renewal) this.refuseCertificates(use, names);
      }
      if (renewal) return;
      await this.store('orders', (kept) => {
        const orders = this.within(JSON.parse(kept ?? '[]') as Use[], limits.orders.windowMs);
        this.refuse(orders, limits.orders);
        return JSON.stringify([...orders, this.use(reference, '')]);
      });
    });
  }

  /** Counts a look for the challenge of a name as failed, until `settle` takes it back. @throws PortError `rate-limited` */
  takeLook(reference: string, name: string): Promise<void> {
    return this.change([name], (use) => {
      this.refuseFailures(use, [name]);
      use.looks.push(this.use(reference, name));
    });
  }

  /** The authority has accepted these names for the reference: its looks for them have not failed. */
  settle(reference: string, names: readonly string[]): Promise<void> {
    return this.change(names, (use) => {
      const accepted = names.map(withoutStar);
      use.looks = use.looks.filter((one) => one.reference !== reference || !accepted.includes(one.about));
    });
  }

  /** Counts the certificate of a reference, once. @throws PortError `rate-limited` */
  takeCertificate(reference: string, names: readonly string[], renewal: boolean): Promise<void> {
    return this.change(names, (use) => {
      if (use.certificates.some((one) => one.reference === reference)) return;
      if (!renewal) this.refuseCertificates(use, names);
      use.certificates.push(this.use(reference, setOf(names)));
    });
  }

  private refuseFailures({ looks }: DomainUse, names: readonly string[]): void {
    for (const name of names.map(withoutStar)) {
      this.refuse(
        looks.filter(({ about }) => about === name),
        limits.failures,
      );
    }
  }

  private refuseCertificates({ certificates }: DomainUse, names: readonly string[]): void {
    this.refuse(certificates, limits.certificates);
    this.refuse(
      certificates.filter(({ about }) => about === setOf(names)),
      limits.sameNames,
    );
  }

  /** @throws PortError when the window is full, with the time until its oldest use leaves it */
  private refuse(uses: readonly Use[], limit: { most: number; windowMs: number }): void {
    const { most, windowMs } = limit;
    const oldest = this.within(uses, windowMs).at(-most);
    if (oldest === undefined) return;
    throw new PortError('rate-limited', 'Too many certificates were asked for lately.', {
      retryAfterMs: oldest.at + windowMs - this.clock.now().getTime() + 1000,
      alone: limit !== limits.orders,
    });
  }

  private within(uses: readonly Use[], windowMs: number): Use[] {
    const since = this.clock.now().getTime() - windowMs;
    return uses.filter(({ at }) => at > since);
  }

  private use(reference: string, about: string): Use {
    return { at: this.clock.now().getTime(), reference, about };
  }

  private change(names: readonly string[], work: (use: DomainUse) => void): Promise<void> {
    return this.inTurn(async () => {
      for (const domain of domainsOf(names)) {
        await this.store(keyOf(domain), (kept) => {
          const use = this.useIn(kept);
          const before = JSON.stringify(use);
          work(use);
          return JSON.stringify(use) === before ? kept : JSON.stringify(use);
        });
      }
    });
  }

  /** Stores what `work` makes of the value, also while other processes change it. */
  private async store(name: string, work: (kept: string | undefined) => string | undefined): Promise<void> {
    for (let race = 0; race < mostRaces; race += 1) {
      const kept = await this.state.get(name);
      const next = work(kept);
      if (next === undefined || next === kept || (await this.state.replace(name, kept, next))) return;
    }
    throw new PortError('unavailable', 'Too many certificates are asked for at this moment.');
  }

  private useIn(text: string | undefined): DomainUse {
    const kept = JSON.parse(text ?? '{}') as Partial<DomainUse>;
    return {
      certificates: this.within(kept.certificates ?? [], limits.certificates.windowMs),
      looks: this.within(kept.looks ?? [], limits.failures.windowMs),
    };
  }

  /** One after the other, so that the calls of one process do not race each other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

/** Other processes that may be faster in a row; each that is has got through. */
const mostRaces = 100;

function domainsOf(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => registrableDomain(withoutStar(name))));
}

function keyOf(domain: string): string {
  return `uses:${domain}`;
}

function setOf(names: readonly string[]): string {
  return [...names].sort().join(' ');
}

function withoutStar(name: string): string {
  return name.replace(/^\*\./, '');
}
