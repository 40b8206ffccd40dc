function _ts_decorate(decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") {
        r = Reflect.decorate(decorators, target, key, desc);
    } else {
        for(var i = decorators.length - 1; i >= 0; i--){
            if (d = decorators[i]) {
                r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
            }
        }
    }
    return c > 3 && r && Object.defineProperty(target, key, r), r;
}
import { Module } from '@nestjs/common';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import { Keyring } from '../secrets/envelope.js';
/** `@Inject(clockToken) clock: Clock` */ export const clockToken = Symbol.for('keelson.runtime.clock');
/** `@Inject(settingsToken) settings: Settings` */ export const settingsToken = Symbol.for('keelson.runtime.settings');
export class RuntimeModule {
    static forRoot(runtime) {
        return {
            module: RuntimeModule,
            global: true,
            providers: [
                {
                    provide: settingsToken,
                    useValue: runtime.settings
                },
                {
                    provide: clockToken,
                    useValue: runtime.clock
                },
                {
                    provide: Keyring,
                    useValue: runtime.keyring
                },
                {
                    provide: PluginRegistry,
                    useValue: runtime.registry
                }
            ],
            exports: [
                settingsToken,
                clockToken,
                Keyring,
                PluginRegistry
            ]
        };
    }
}
RuntimeModule = _ts_decorate([
    Module({})
], RuntimeModule);

//# sourceMappingURL=runtime.module.js.map
