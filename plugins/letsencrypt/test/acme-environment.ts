import { setTimeout as sleep } from 'node:timers/promises';
import {
  manifestOf,
  systemClock,
  validateSettings,
  type AdapterState,
  type Challenge,
  type Clock,
} from '@keelson/core';
import type { SslCapability } from '@keelson/testing';
import { AcmeAccount } from '../src/acme-account.js';
import { LetsEncryptAdapter, LetsEncryptPlugin, LetsEncryptSettings } from '../src/index.js';
import { AcmeClient } from '../src/letsencrypt.client.js';
import { stateOf } from '../src/order-records.js';
import type { ChallengeLookup } from '../simulator/index.js';

/** What the plugin's manifest declares. */
export const capabilities = (manifestOf(LetsEncryptPlugin)?.adapters[0]?.capabilities ??
  []) as readonly SslCapability[];

/** Settings as an operator writes them, checked. */
export function settingsWith(raw: Record<string, unknown>): LetsEncryptSettings {
  const checked = validateSettings(LetsEncryptSettings, { email: 'hostmaster@example.com', termsAgreed: true, ...raw });
  if (checked.ok) return checked.settings;
  throw new Error(JSON.stringify(checked.problems));
}

/** What is kept with a connection, in memory. */
export class KeptState implements AdapterState {
  readonly values = new Map<string, string>();

  async get(name: string): Promise<string | undefined> {
    return this.values.get(name);
  }

  async put(name: string, value: string): Promise<void> {
    this.values.set(name, value);
  }

  async putIfAbsent(name: string, value: string): Promise<string> {
    if (!this.values.has(name)) this.values.set(name, value);
    return this.values.get(name) ?? value;
  }

  async replace(name: string, before: string | undefined, value: string): Promise<boolean> {
    if (this.values.get(name) !== before) return false;
    this.values.set(name, value);
    return true;
  }

  /** The value whose name ends so. */
  find(name: string): string | undefined {
    return [...this.values].find(([key]) => key.endsWith(`:${name}`))?.[1];
  }

  /** The private part of the account's key. Throws before there is an account. */
  accountSecret(): string {
    return (JSON.parse(this.find('account-key') ?? '') as { d: string }).d;
  }
}

export function adapterWith(
  settings: Record<string, unknown>,
  state: AdapterState = new KeptState(),
  clock: Clock = systemClock,
): LetsEncryptAdapter {
  return new LetsEncryptAdapter(settingsWith(settings), state, clock);
}

/** The account of a connection as the adapter uses it, to ask the authority what the port does not. */
export function accountOf(
  raw: Record<string, unknown>,
  state: AdapterState,
): { client: AcmeClient; account: AcmeAccount } {
  const settings = settingsWith(raw);
  const client = new AcmeClient(settings);
  return { client, account: new AcmeAccount(client, stateOf(settings.directoryUrl, state), settings.email) };
}

/** The state of a connection whose account was closed at the authority. */
export async function closedAccount(settings: Record<string, unknown>): Promise<KeptState> {
  const state = new KeptState();
  const { account } = accountOf(settings, state);
  await account.check();
  await account.request({ url: state.find('account-url') ?? '', payload: { status: 'deactivated' } });
  return state;
}

/** A clock that a test moves. */
export class MovedClock implements Clock {
  constructor(private ms = Date.parse('2026-11-20T12:00:00Z')) {}

  now(): Date {
    return new Date(this.ms);
  }

  advance(ms: number): void {
    this.ms += ms;
  }

  /** Moves to that time and lets what goes on in the background catch up. */
  async wait(until: Date): Promise<void> {
    this.ms = Math.max(this.ms, until.getTime());
    await sleep(5);
  }
}

/** The part of the internet that holds challenges. */
export class ChallengeBoard implements ChallengeLookup {
  readonly challenges: Challenge[] = [];

  publish(challenges: readonly Challenge[]): void {
    this.challenges.push(...challenges);
  }

  async txt(name: string): Promise<string[]> {
    return this.challenges.flatMap((one) =>
      one.type === 'dns-01' && one.recordName === name ? [one.recordValue] : [],
    );
  }

  async http(domain: string, path: string): Promise<string | undefined> {
    const found = this.challenges.find((one) => one.type === 'http-01' && one.domain === domain && one.path === path);
    return found?.type === 'http-01' ? found.body : undefined;
  }
}
