import { BootError } from '../errors/boot-error.js';
/** `keelson.config.yaml` cannot be used. Each line starts with the file and the path of the entry, and holds no secret. */ export class ConfigError extends BootError {
    constructor(...args){
        super(...args), this.name = 'ConfigError';
    }
}

//# sourceMappingURL=config-error.js.map
