/** Methods of a port, by name. */ // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the parameters differ per method and are checked where the port is declared
const capabilitiesOf = Symbol.for('keelson.adapter.capabilities');
/** Declares a port. Used once per port, in `libs/core`. */ export function definePort(definition) {
    return Object.freeze(definition);
}
/**
 * Whether the adapter has a capability. Without this (or `requireCapability`) the optional methods do not compile, so a
 * capability is never discovered by an exception.
 */ export function supports(adapter, _port, capability) {
    return adapter[capabilitiesOf].has(capability);
}
/** Marks an adapter object with its capabilities. The guard calls it; adapters never do. */ export function withCapabilities(adapter, capabilities) {
    Object.defineProperty(adapter, capabilitiesOf, {
        value: new Set(capabilities),
        enumerable: false
    });
    return adapter;
}
/** The capabilities attached to a guarded adapter. */ export function listCapabilities(adapter) {
    return [
        ...adapter[capabilitiesOf] ?? []
    ];
}

//# sourceMappingURL=port.js.map
