import {
  makeAdapter,
  manifestOf,
  probeContext,
  secretsOf,
  type AnyPort,
  type CapabilityOf,
  type MustOf,
} from '@keelson/core';

/** What the manifest of a plugin says of one of its ports, so that a conformance spec says none of it again. */
export interface PluginUnderTest<P extends AnyPort> {
  port: P;
  capabilities: readonly CapabilityOf<P>[];
  /** An adapter as an installation makes it, without the guard. Settings that are not given have their defaults. */
  adapterWith(settings: object): MustOf<P>;
  /** The settings with every secret in them replaced by another of the same length and alphabet. */
  withWrongSecrets(settings: object): Record<string, unknown>;
  /** The secrets among the settings, the right ones and the wrong ones: what may show nowhere. */
  secretsIn(settings: object): string[];
}

/**
 * @param plugin the class that carries `@Plugin`
 * @throws Error when it carries none, or the plugin does not speak the port
 */
export function pluginUnderTest<P extends AnyPort>(plugin: object, port: P): PluginUnderTest<P> {
  const manifest = manifestOf(plugin);
  const offer = manifest?.adapters.find((one) => one.port === port.id);
  if (manifest === undefined || offer === undefined) {
    throw new Error(
      `this is no class with @Plugin whose adapters speak ${port.id}: give the one of src/<vendor>.plugin.ts`,
    );
  }
  const { settings: SettingsClass } = manifest;
  const secretsOfMine = (settings: object) =>
    Object.entries(settings).filter(([name]) => secretsOf(SettingsClass).includes(name));
  const withWrongSecrets = (settings: object) => ({
    ...settings,
    ...Object.fromEntries(secretsOfMine(settings).map(([name, secret]) => [name, wrong(String(secret))])),
  });
  return {
    port,
    capabilities: offer.capabilities,
    adapterWith: (settings) =>
      makeAdapter(offer, Object.assign(new SettingsClass(), settings), probeContext('under test')) as MustOf<P>,
    withWrongSecrets,
    secretsIn: (settings) =>
      [settings, withWrongSecrets(settings)].flatMap((some) => secretsOfMine(some).map(([, secret]) => String(secret))),
  };
}

/** Each letter and digit becomes the next of its kind, so that settings which look for a form still take it. */
function wrong(secret: string): string {
  return secret.replaceAll(/[A-Za-z0-9]/g, (character) =>
    /[zZ9]/.test(character)
      ? String.fromCharCode(character.charCodeAt(0) - (character === '9' ? 9 : 25))
      : String.fromCharCode(character.charCodeAt(0) + 1),
  );
}
