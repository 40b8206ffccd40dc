import { getMetadataStorage } from 'class-validator';
import { limitsProblems } from '../config/connection-limits.js';
import { findPort, ports } from '../ports/all-ports.js';
import type { AdapterOffer, PluginManifest, SettingsClass } from './plugin.decorator.js';
import { settingsOf } from './setting.decorator.js';

/** What is wrong with a manifest, one sentence each with its fix; empty when the core can work with it. */
export function manifestProblems(manifest: PluginManifest): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(manifest.id)) {
    problems.push(`its id "${manifest.id}" is not kebab-case: use lower-case letters, digits and single hyphens`);
  }
  if (manifest.adapters.length === 0) problems.push('it offers no adapter: list at least one in the manifest');
  for (const [index, offer] of manifest.adapters.entries()) {
    problems.push(...offerProblems(offer));
    if (manifest.adapters.findIndex((other) => other.port === offer.port) !== index) {
      problems.push(`it offers the port ${offer.port} twice: merge the two adapters`);
    }
  }
  return [...problems, ...limitsProblems(manifest.limits), ...settingsProblems(manifest.settings)];
}

function offerProblems(offer: AdapterOffer): string[] {
  const port = findPort(offer.port);
  if (port === undefined) {
    return [`it offers the unknown port "${offer.port}": this core has ${Object.keys(ports).join(', ')}`];
  }
  if (offer.portVersion !== port.version) {
    const fix = offer.portVersion > port.version ? 'upgrade Keelson' : 'install a newer version of the plugin';
    return [
      `it speaks version ${offer.portVersion} of the port ${port.id}, this core speaks version ${port.version}: ${fix}`,
    ];
  }
  const known = Object.keys(port.capabilities);
  return offer.capabilities
    .filter((capability) => !known.includes(capability))
    .map(
      (c) =>
        `it declares the unknown capability "${c}" of the port ${port.id}: known are ${known.join(', ') || 'none'}`,
    );
}

function settingsProblems(settings: SettingsClass): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(settings, '', false, false);
  const validated = new Set(rules.map((rule) => rule.propertyName));
  const described = new Set(settingsOf(settings).map((setting) => setting.name));
  const present = new Set([...validated, ...Object.keys(new settings())]);
  return [
    ...[...present]
      .filter((name) => !described.has(name))
      .map((name) => `its setting ${settings.name}.${name} is not described: add @Setting({ description: '…' })`),
    ...[...described]
      .filter((name) => !validated.has(name))
      .map((name) => `its setting ${settings.name}.${name} has no rule: add a class-validator decorator`),
  ];
}

/** Methods that the port (with the declared capabilities) demands and the adapter lacks. */
export function lackingMethods(adapter: object, offer: AdapterOffer): string[] {
  const port = findPort(offer.port);
  const extras = (port?.capabilities ?? {}) as Record<string, readonly string[]>;
  const demanded = [
    ...((port?.methods ?? []) as string[]),
    ...offer.capabilities.flatMap((name) => extras[name] ?? []),
  ];
  return demanded.filter((name) => typeof (adapter as Record<string, unknown>)[name] !== 'function');
}
