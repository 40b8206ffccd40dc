import 'reflect-metadata';
import { Module } from '@nestjs/common';
/**
 * Declares an adapter. The compiler demands every method of the port and of each capability named.
 * @param create makes a live adapter for one connection. Does no input or output and starts nothing: boot makes one to see that it can be made,
 *   and throws it away
 */ export function adapterFor(port, offer) {
    return {
        port: port.id,
        portVersion: offer.portVersion,
        capabilities: offer.capabilities ?? [],
        create: (settings, context)=>offer.create(settings, context)
    };
}
const key = Symbol.for('keelson.plugin');
/** Makes a class a plugin: a Nest module plus a manifest. */ export function Plugin(manifest, module = {}) {
    return (target)=>{
        Module(module)(target);
        Reflect.defineMetadata(key, Object.freeze({
            ...manifest
        }), target);
    };
}
/** The manifest of a plugin class, or undefined for any other value. */ export function manifestOf(value) {
    return typeof value === 'function' ? Reflect.getMetadata(key, value) : undefined;
}

//# sourceMappingURL=plugin.decorator.js.map
