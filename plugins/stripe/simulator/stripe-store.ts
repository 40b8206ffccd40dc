import { randomBytes } from 'node:crypto';
import { StateFile } from '@keelson/testing/simulator';
import { missing } from './api-error.js';
import type {
  CheckoutSession,
  Invoice,
  InvoicePayment,
  List,
  Metadata,
  Price,
  StripeEvent,
  StripeObject,
} from './stripe-objects.js';

/** What the API keeps about a page beyond the object that it shows. */
export interface CheckoutDraft {
  lines: { price: Price; quantity: number; name: string; description: string | null }[];
  trialDays?: number;
  subscriptionMetadata: Metadata;
  paymentMetadata: Metadata;
  /** The payment of the first attempt, taken up again by the following ones. */
  paymentIntent?: string;
}

export interface Delivery {
  event: string;
  attempts: number;
  /** Milliseconds since 1970. */
  dueAt: number;
}

export interface StoredReply {
  /** Hash of path and parameters. */
  request: string;
  status: number;
  body: unknown;
  /** Milliseconds since 1970. */
  at: number;
}

export interface StripeState {
  secretKey: string;
  webhookSecret: string;
  objects: Record<string, StripeObject>;
  drafts: Record<string, CheckoutDraft>;
  replies: Record<string, StoredReply>;
  deliveries: Delivery[];
  invoiceCount: number;
}

const apiVersion = '2026-10-28.endive';
const keptEvents = 500;
const replyLifeMs = 24 * 3_600_000;

/** Everything that the simulated account holds. Changes are on disk after `save`. */
export class StripeStore {
  readonly state: StripeState;
  /** Told of every new delivery. */
  onDelivery: (delivery: Delivery) => void = () => undefined;
  private readonly file: StateFile<StripeState>;

  constructor(home: string | undefined, webhookSecret: string | undefined) {
    this.file = new StateFile<StripeState>(home, 'stripe', {
      secretKey: `sk_test_${token(32)}`,
      webhookSecret: `whsec_${token(32)}`,
      objects: {},
      drafts: {},
      replies: {},
      deliveries: [],
      invoiceCount: 0,
    });
    this.state = this.file.data;
    if (webhookSecret !== undefined) this.state.webhookSecret = webhookSecret;
    this.save();
  }

  save(): void {
    const now = Date.now();
    for (const [key, reply] of Object.entries(this.state.replies)) {
      if (now - reply.at > replyLifeMs) delete this.state.replies[key];
    }
    const waiting = new Set(this.state.deliveries.map(({ event }) => event));
    const done = this.all<StripeEvent>('event').filter(({ id }) => !waiting.has(id));
    for (const { id } of done.slice(0, Math.max(0, done.length - keptEvents))) delete this.state.objects[id];
    this.file.save();
  }

  /** The head that every object starts with. */
  head<T extends string>(object: T, prefix: string): { id: string; object: T; created: number; livemode: false } {
    return { id: `${prefix}_${token(24)}`, object, created: seconds(), livemode: false };
  }

  put<T extends StripeObject>(object: T): T {
    this.state.objects[object.id] = object;
    return object;
  }

  find<T extends StripeObject>(kind: T['object'], id: string): T | undefined {
    const found = Object.hasOwn(this.state.objects, id) ? this.state.objects[id] : undefined;
    return found?.object === kind ? (found as T) : undefined;
  }

  /** @throws ApiError 404, or 400 when the id came in the parameter `param` */
  get<T extends StripeObject>(kind: T['object'], id: string, param?: string): T {
    const found = this.find<T>(kind, id);
    if (found === undefined) throw missing(kind, id, param ?? 'id', param === undefined ? 404 : 400);
    return found;
  }

  /** Objects of one kind, oldest first. */
  all<T extends StripeObject>(kind: T['object']): T[] {
    return Object.values(this.state.objects).filter((object): object is T => object.object === kind);
  }

  /** Records that something happened, with the object as it is now, and has it delivered. */
  emit(type: string, object: StripeObject): void {
    const event: StripeEvent = {
      ...this.head('event', 'evt'),
      api_version: apiVersion,
      type,
      data: { object: structuredClone(object) },
      pending_webhooks: 1,
      request: null,
    };
    this.put(event);
    const delivery: Delivery = { event: event.id, attempts: 0, dueAt: Date.now() };
    this.state.deliveries.push(delivery);
    this.onDelivery(delivery);
  }

  /** A copy of the object in which the ids at the given paths are replaced by what they stand for. */
  expanded(object: StripeObject, paths: readonly string[]): StripeObject {
    const copy = structuredClone(object);
    for (const path of paths) this.expand(copy, path.split('.'));
    return copy;
  }

  private expand(value: unknown, path: readonly string[]): void {
    const [name, ...rest] = path;
    if (name === undefined || typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const one of value) this.expand(one, path);
      return;
    }
    const record = value as Record<string, unknown>;
    const included = this.included(record as unknown as StripeObject, name);
    const found = typeof record[name] === 'string' ? this.state.objects[record[name]] : undefined;
    if (included !== undefined) record[name] = included;
    else if (found !== undefined) record[name] = structuredClone(found);
    this.expand(record[name], rest);
  }

  /** Fields that an object shows only on demand. */
  private included(owner: StripeObject, name: string): List<unknown> | undefined {
    if (owner.object === 'invoice' && name === 'payments') {
      const { id } = owner as Invoice;
      return listOf(
        this.all<InvoicePayment>('invoice_payment').filter((one) => one.invoice === id),
        '/v1/invoice_payments',
      );
    }
    if (owner.object === 'checkout.session' && name === 'line_items') {
      const { id } = owner as CheckoutSession;
      return listOf(this.state.drafts[id]?.lines ?? [], `/v1/checkout/sessions/${id}/line_items`);
    }
    return undefined;
  }
}

export function listOf<T>(data: T[], url: string): List<T> {
  return { object: 'list', data: structuredClone(data), has_more: false, url };
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Letters and digits, from a secure source. */
export function token(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
