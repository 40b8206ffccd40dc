import { Logger } from '@nestjs/common';
import { BootError } from '../errors/boot-error.js';
import { lackingMethods } from '../plugins/manifest-check.js';
import { PluginError } from '../plugins/plugin-error.js';
import type { AdapterContext, AdapterOffer } from '../plugins/plugin.decorator.js';
import type { PluginRegistry } from '../plugins/plugin-registry.js';
import type { AdapterOf, AnyPort } from '../ports/port.js';
import { redact } from '../secrets/redact.js';
import { systemClock } from '../time/clock.js';
import type { CallRecord } from './guarded-adapter.js';
import { guardAdapter } from './guarded-adapter.js';

/** A connection as the factory needs it. */
export interface AdapterConnection {
  name: string;
  /** Id of the plugin. */
  plugin: string;
  /** Instance of the plugin's settings class, checked by `validateSettings`. */
  settings: object;
}

const logger = new Logger('Adapter');

/** Writes one line per call: what was called, how long it took, how it ended. Failures are warnings. */
export function logCall(call: CallRecord): void {
  const record = { message: `${call.port}.${call.method} ${call.outcome}`, ...call };
  if (call.outcome === 'ok') logger.log(record);
  else logger.warn({ ...record, ...(call.detail === undefined ? {} : { detail: redact(call.detail) }) });
}

/**
 * Makes the guarded adapter of a port for a connection. Each call makes another; the caller keeps it.
 * @param record receives every finished call; by default it is logged
 * @throws PluginError when the plugin is not enabled, does not speak the port, or made an adapter that lacks methods
 */
export function createAdapter<P extends AnyPort>(
  registry: PluginRegistry,
  connection: AdapterConnection,
  port: P,
  context: Omit<AdapterContext, 'connection'>,
  record: (call: CallRecord) => void = logCall,
): AdapterOf<P> {
  const { name, plugin, settings } = connection;
  const offer = registry.adapterOffer(plugin, port.id);
  if (offer === undefined) {
    throw new PluginError([
      `the connection ${name} (plugin ${plugin}) does not speak ${port.id}: bind another connection to it`,
    ]);
  }
  const adapter = makeAdapter(offer, settings, { ...context, connection: name });
  return guardAdapter(adapter, { connection: name, port, capabilities: offer.capabilities, record });
}

/** Makes a bare adapter and checks that it is whole. @throws PluginError; keeps what the plugin threw as `cause` */
export function makeAdapter(offer: AdapterOffer, settings: object, context: AdapterContext): object {
  let adapter: object;
  try {
    adapter = offer.create(settings, context);
  } catch (cause) {
    if (cause instanceof BootError) throw cause;
    const why = redact(cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0];
    throw new PluginError([`the adapter ${offer.port} cannot be made: ${why}`], { cause });
  }
  const lacking = lackingMethods(adapter, offer);
  if (lacking.length === 0) return adapter;
  throw new PluginError([
    `the adapter ${offer.port} lacks ${lacking.join(', ')}: the plugin must write them, or drop the capability they belong to`,
  ]);
}

/** A context to see whether an adapter can be made, for a connection that is not in use yet. */
export function probeContext(connection: string): AdapterContext {
  const kept = new Map<string, string>();
  return {
    connection,
    clock: systemClock,
    state: {
      get: async (name) => kept.get(name),
      put: async (name, value) => void kept.set(name, value),
      putIfAbsent: async (name, value) => kept.get(name) ?? (kept.set(name, value), value),
      replace: async (name, before, value) => kept.get(name) === before && (kept.set(name, value), true),
    },
    findAdapter: async () => undefined,
  };
}
