/** Every reason a vendor call can fail for. The list is closed: code outside an adapter acts on these and never on a message. */ export const portErrorCodes = [
    'invalid-input',
    'not-found',
    'already-exists',
    'wrong-state',
    'unsupported',
    'invalid-config',
    'no-funds',
    'rate-limited',
    'unavailable',
    'outcome-unknown',
    'internal'
];
export const portErrorPolicies = {
    'invalid-input': {
        repeat: 'never',
        actor: 'caller'
    },
    'not-found': {
        repeat: 'never',
        actor: 'caller'
    },
    'already-exists': {
        repeat: 'never',
        actor: 'caller'
    },
    'wrong-state': {
        repeat: 'never',
        actor: 'caller'
    },
    unsupported: {
        repeat: 'never',
        actor: 'caller'
    },
    'invalid-config': {
        repeat: 'hold',
        actor: 'operator'
    },
    'no-funds': {
        repeat: 'hold',
        actor: 'operator'
    },
    'rate-limited': {
        repeat: 'later',
        actor: 'engine'
    },
    unavailable: {
        repeat: 'later',
        actor: 'engine'
    },
    'outcome-unknown': {
        repeat: 'look-first',
        actor: 'engine'
    },
    internal: {
        repeat: 'look-first',
        actor: 'developer'
    }
};
/**
 * The one error that adapters throw. `message` is safe to show a customer and names no vendor;
 * `details.vendor` is for operators.
 */ export class PortError extends Error {
    constructor(code, message, options = {}){
        super(message, options.cause === undefined ? undefined : {
            cause: options.cause
        }), this.code = code, this.name = 'PortError';
        this.retryAfterMs = options.retryAfterMs;
        this.details = options.details ?? {};
    }
    /** What may be done now, and who does it. */ get policy() {
        return portErrorPolicies[this.code];
    }
}
/** Whether a caught value is a `PortError`; works across copies of this package, as external plugins may bring their own. */ export function isPortError(thrown) {
    return thrown instanceof Error && thrown.name === 'PortError' && portErrorCodes.includes(thrown.code);
}

//# sourceMappingURL=port-error.js.map
