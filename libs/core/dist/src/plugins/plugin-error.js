import { BootError } from '../errors/boot-error.js';
/** A plugin cannot be used: not found, malformed, or written for another core. `cause` keeps what its import threw. */ export class PluginError extends BootError {
    constructor(...args){
        super(...args), this.name = 'PluginError';
    }
}

//# sourceMappingURL=plugin-error.js.map
