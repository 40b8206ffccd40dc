import 'reflect-metadata';
const key = Symbol.for('keelson.settings');
/** Marks a property of a settings class as a setting of the connection. Every property needs it. */ export function Setting(options) {
    return (target, property)=>{
        const known = Reflect.getOwnMetadata(key, target.constructor) ?? [];
        Reflect.defineMetadata(key, [
            ...known,
            {
                ...options,
                name: String(property)
            }
        ], target.constructor);
    };
}
/** The settings that a class declares, those of its base classes first. */ export function settingsOf(settings) {
    const base = Object.getPrototypeOf(settings);
    const inherited = typeof base === 'function' && base.prototype ? settingsOf(base) : [];
    return [
        ...inherited,
        ...Reflect.getOwnMetadata(key, settings) ?? []
    ];
}
/** Names of the secret settings of a class. */ export function secretsOf(settings) {
    return settingsOf(settings).filter((setting)=>setting.secret === true).map((setting)=>setting.name);
}

//# sourceMappingURL=setting.decorator.js.map
