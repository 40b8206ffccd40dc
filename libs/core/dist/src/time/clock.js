/** Tells the time. Injected wherever time decides something, so that tests can move it. */ /** The machine's clock. */ export const systemClock = {
    now: ()=>new Date()
};

//# sourceMappingURL=clock.js.map
