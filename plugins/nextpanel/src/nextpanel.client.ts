import { PortError, VendorHttp, type VendorRequest } from '@keelson/core';
import type { NextPanelConfig } from './nextpanel.config.js';
import { malformedReply, refusalError } from './nextpanel.errors.js';

/** Fields of a reply, unchecked. */
export type PanelFields = Record<string, unknown>;

/** An account as the panel shows it, with the fields that every answer about one must have. */
export interface PanelAccount extends PanelFields {
  id: string | number;
  username: string;
}

const accountsPath = '/api/v1/billing/accounts';
const pageSize = 100;
const readings = 3;

/** Speaks the billing API of NextPanel. */
export class NextPanelClient {
  private readonly http: VendorHttp;

  constructor({ url, apiKey, apiSecret, caPem, acceptAnyCertificate }: NextPanelConfig) {
    const headers = { 'x-api-key': apiKey, 'x-api-secret': apiSecret };
    this.http = new VendorHttp({ baseUrl: url, headers, caPem, acceptAnyCertificate });
  }

  /** Resolves when the panel takes the key. Its health call does not ask for one and proves nothing. */
  async probe(): Promise<void> {
    await this.page(0);
  }

  /**
   * All accounts. How the panel pages is not documented: the common `skip` and `limit` are sent and may be ignored. Each page begins
   * with the last account of the one before, so that an account removed meanwhile is noticed and the list read again.
   * @throws PortError `unavailable` when the list never stands still, `internal` when the panel holds more than it shows
   */
  async listAccounts(): Promise<PanelAccount[]> {
    for (let reading = 0; reading < readings; reading += 1) {
      const accounts = await this.readPages();
      if (accounts !== undefined) return accounts;
    }
    throw new PortError('unavailable', 'The accounts of the server change while they are listed.');
  }

  /** Creates an account and returns what the panel tells of it. Not idempotent. */
  async createAccount(body: PanelFields & { username: string; password: string }): Promise<PanelAccount> {
    const request = { method: 'POST', path: accountsPath, json: body, acts: true } as const;
    const reply = fieldsOf(await this.call(request, [body.password]));
    return accountOf({ username: body.username, email: body.email, ...reply });
  }

  /** One account. Throws `not-found`. */
  async getAccount(id: PanelAccount['id']): Promise<PanelAccount> {
    return accountOf(fieldsOf(await this.call({ method: 'GET', path: pathOf(id), acts: false })));
  }

  async suspendAccount(id: PanelAccount['id'], reason: string): Promise<void> {
    await this.call({ method: 'POST', path: `${pathOf(id)}/suspend`, json: { reason }, acts: true });
  }

  async unsuspendAccount(id: PanelAccount['id']): Promise<void> {
    await this.call({ method: 'POST', path: `${pathOf(id)}/unsuspend`, acts: true });
  }

  /** Throws `not-found`. */
  async deleteAccount(id: PanelAccount['id']): Promise<void> {
    await this.call({ method: 'DELETE', path: pathOf(id), acts: true });
  }

  /** Counts of what the account holds. Throws `not-found`. */
  async getStats(id: PanelAccount['id']): Promise<PanelFields> {
    const stats = fieldsOf(await this.call({ method: 'GET', path: `${pathOf(id)}/stats`, acts: false }));
    if (stats === undefined) throw malformedReply('the counts of the account');
    return stats;
  }

  /** Undefined when an account vanished between two pages. */
  private async readPages(): Promise<PanelAccount[] | undefined> {
    const found = new Map<string, PanelAccount>();
    let last: string | undefined;
    for (;;) {
      const { accounts, total } = await this.page(Math.max(0, found.size - 1));
      if (last !== undefined && !accounts.some(({ id }) => String(id) === last)) return undefined;
      const fresh = accounts.filter(({ id }) => !found.has(String(id)));
      if (fresh.length === 0) {
        if (total > found.size) throw malformedReply(`all of its ${total} accounts`);
        return [...found.values()];
      }
      for (const account of fresh) found.set(String(account.id), account);
      last = String(fresh.at(-1)?.id);
    }
  }

  /** One page: a bare list, or an object with one list in it and perhaps a `total`. */
  private async page(skip: number): Promise<{ accounts: PanelAccount[]; total: number }> {
    const query = { skip, limit: pageSize };
    const reply = await this.call({ method: 'GET', path: accountsPath, query, acts: false });
    const lists = Array.isArray(reply) ? [reply] : Object.values(fieldsOf(reply) ?? {}).filter(Array.isArray);
    if (lists.length !== 1) throw malformedReply('a list of accounts');
    const accounts = (lists[0] as unknown[]).map((item) => accountOf(fieldsOf(item)));
    const total = Number(fieldsOf(reply)?.total ?? 0);
    return { accounts, total };
  }

  private async call(request: VendorRequest, secrets: readonly string[] = []): Promise<unknown> {
    const response = await this.http.request(request);
    const { status } = response;
    if (status < 200 || status > 299) {
      const aboutOne = request.path !== accountsPath;
      throw refusalError(response, { acts: request.acts, aboutOne, secrets });
    }
    return status === 204 ? undefined : response.json();
  }
}

function pathOf(id: PanelAccount['id']): string {
  return `${accountsPath}/${encodeURIComponent(id)}`;
}

function accountOf(fields: PanelFields | undefined): PanelAccount {
  const { id, username } = fields ?? {};
  if ((typeof id !== 'number' && typeof id !== 'string') || id === '') throw malformedReply('the id of the account');
  if (typeof username !== 'string' || username === '') throw malformedReply('the name of the account');
  return { ...fields, id, username };
}

function fieldsOf(value: unknown): PanelFields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PanelFields) : undefined;
}
