import { Module, type DynamicModule } from '@nestjs/common';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import { Keyring } from '../secrets/envelope.js';
import type { Runtime } from './runtime.js';

/** `@Inject(clockToken) clock: Clock` */
export const clockToken = Symbol.for('keelson.runtime.clock');

/** `@Inject(settingsToken) settings: Settings` */
export const settingsToken = Symbol.for('keelson.runtime.settings');

/** Gives the whole application what the process read at boot: `Settings`, `Clock`, `Keyring` and `PluginRegistry`. */
@Module({})
export class RuntimeModule {
  static forRoot(runtime: Pick<Runtime, 'settings' | 'registry' | 'keyring' | 'clock'>): DynamicModule {
    return {
      module: RuntimeModule,
      global: true,
      providers: [
        { provide: settingsToken, useValue: runtime.settings },
        { provide: clockToken, useValue: runtime.clock },
        { provide: Keyring, useValue: runtime.keyring },
        { provide: PluginRegistry, useValue: runtime.registry },
      ],
      exports: [settingsToken, clockToken, Keyring, PluginRegistry],
    };
  }
}
