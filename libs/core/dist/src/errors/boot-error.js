/**
 * Why Keelson does not start. The message has one line per problem; each names the setting or file and says the fix.
 * Never holds a secret.
 */ export class BootError extends Error {
    constructor(problems, options){
        super(problems.join('\n'), options), this.problems = problems, this.name = 'BootError';
    }
}

//# sourceMappingURL=boot-error.js.map
