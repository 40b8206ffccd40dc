import 'reflect-metadata';
import { Module, type ModuleMetadata } from '@nestjs/common';
import type { ConnectionLimits } from '../config/connection-limits.js';
import type { Clock } from '../time/clock.js';
import type { AdapterOf, AnyPort, CapabilityMethods, CapabilityOf, MustOf } from '../ports/port.js';

/** Keeps small pieces of an adapter's own state (an account key, a token) with its connection, encrypted at rest. */
export interface AdapterState {
  /** The value stored under the name, or undefined. */
  get(name: string): Promise<string | undefined>;
  /** Stores the value only when none is stored under the name yet, and returns the one that is stored now. */
  putIfAbsent(name: string, value: string): Promise<string>;
  /** Stores the value, replacing any other. */
  put(name: string, value: string): Promise<void>;
  /**
   * Stores the value only when `before` is what is stored now (undefined: nothing), so that of several processes that read, change and
   * store none undoes what another did. False: somebody was faster; read again.
   */
  replace(name: string, before: string | undefined, value: string): Promise<boolean>;
}

/** What an adapter is made with, beside its settings. */
export interface AdapterContext {
  /** Name of the connection, for messages to operators. */
  readonly connection: string;
  readonly clock: Clock;
  readonly state: AdapterState;
  /** Another port bound for the same product, such as `dns` for a certificate authority; undefined when none is bound. */
  findAdapter<P extends AnyPort>(port: P): Promise<AdapterOf<P> | undefined>;
}

export type SettingsClass<S extends object = object> = new () => S;

/** One port that a plugin speaks. Made by `adapterFor`. */
export interface AdapterOffer {
  readonly port: string;
  /** Version of the port's contract that the adapter was written for. */
  readonly portVersion: number;
  readonly capabilities: readonly string[];
  create(settings: object, context: AdapterContext): object;
}

/**
 * Declares an adapter. The compiler demands every method of the port and of each capability named.
 * @param create makes a live adapter for one connection. Does no input or output and starts nothing: boot makes one to see that it can be made,
 *   and throws it away
 */
export function adapterFor<P extends AnyPort, S extends object, const C extends CapabilityOf<P> = never>(
  port: P,
  offer: {
    portVersion: number;
    settings: SettingsClass<S>;
    capabilities?: readonly C[];
    create(settings: S, context: AdapterContext): MustOf<P> & CapabilityMethods<P, C>;
  },
): AdapterOffer {
  return {
    port: port.id,
    portVersion: offer.portVersion,
    capabilities: offer.capabilities ?? [],
    create: (settings, context) => offer.create(settings as S, context),
  };
}

export interface PluginManifest {
  /** The vendor, kebab-case; also the name of the plugin's folder, or of the package after `keelson-plugin-`. */
  id: string;
  title: string;
  /** Semantic version of the plugin. */
  version: string;
  /** What an operator sets for a connection: class-validator rules, `@Setting` on every property. */
  settings: SettingsClass;
  /** What the vendor documents of its limits, for connections that say nothing else. */
  limits?: ConnectionLimits;
  adapters: readonly AdapterOffer[];
}

const key = Symbol.for('keelson.plugin');

/** Makes a class a plugin: a Nest module plus a manifest. */
export function Plugin(manifest: PluginManifest, module: ModuleMetadata = {}): ClassDecorator {
  return (target) => {
    Module(module)(target);
    Reflect.defineMetadata(key, Object.freeze({ ...manifest }), target);
  };
}

/** The manifest of a plugin class, or undefined for any other value. */
export function manifestOf(value: unknown): PluginManifest | undefined {
  return typeof value === 'function' ? (Reflect.getMetadata(key, value) as PluginManifest | undefined) : undefined;
}
