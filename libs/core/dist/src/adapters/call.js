import { AsyncLocalStorage } from 'node:async_hooks';
const calls = new AsyncLocalStorage();
const never = new AbortController().signal;
/** The call under way. Outside any call: no deadline, no key. */ export function currentCall() {
    return calls.getStore() ?? {
        signal: never
    };
}
/** Runs `work` as one call. */ export function runCall(call, work) {
    return calls.run(call, work);
}

//# sourceMappingURL=call.js.map
