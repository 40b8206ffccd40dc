import 'reflect-metadata';

/** How one setting of a connection is shown, stored and documented. Its type and bounds come from class-validator. */
export interface SettingOptions {
  /** One sentence for the operator's form and the README. */
  description: string;
  /** Encrypted at rest, never returned, never logged. */
  secret?: boolean;
  example?: string | number | boolean;
}

export interface SettingInfo extends SettingOptions {
  name: string;
}

const key = Symbol.for('keelson.settings');

type SettingsClass = abstract new (...args: never[]) => object;

/** Marks a property of a settings class as a setting of the connection. Every property needs it. */
export function Setting(options: SettingOptions): PropertyDecorator {
  return (target, property) => {
    const known = (Reflect.getOwnMetadata(key, target.constructor) as SettingInfo[] | undefined) ?? [];
    Reflect.defineMetadata(key, [...known, { ...options, name: String(property) }], target.constructor);
  };
}

/** The settings that a class declares, then those of its base classes. */
export function settingsOf(settings: SettingsClass): SettingInfo[] {
  const base = Object.getPrototypeOf(settings) as SettingsClass | null;
  const inherited = typeof base === 'function' && base.prototype ? settingsOf(base) : [];
  return [...((Reflect.getOwnMetadata(key, settings) as SettingInfo[] | undefined) ?? []), ...inherited];
}

/** Names of the secret settings of a class. */
export function secretsOf(settings: SettingsClass): string[] {
  return settingsOf(settings)
    .filter((setting) => setting.secret === true)
    .map((setting) => setting.name);
}
