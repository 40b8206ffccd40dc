import { safeForLog, safeText } from './log-record.js';
/** From most to least important. */ const order = [
    'fatal',
    'error',
    'warn',
    'log',
    'debug',
    'verbose'
];
/**
 * Nest's logger as one line per record: JSON, or short text when a person watches. Messages, objects, errors and stacks are
 * redacted, and control characters escaped so that no value can forge a record.
 */ export class JsonLogger {
    constructor(options){
        this.enabled = new Set(order.slice(0, order.indexOf(options.level) + 1));
        this.sink = options.sink ?? process.stdout;
        this.now = options.now ?? (()=>new Date());
    }
    fatal(message, ...rest) {
        this.write('fatal', message, rest);
    }
    error(message, ...rest) {
        this.write('error', message, rest);
    }
    warn(message, ...rest) {
        this.write('warn', message, rest);
    }
    log(message, ...rest) {
        this.write('log', message, rest);
    }
    debug(message, ...rest) {
        this.write('debug', message, rest);
    }
    verbose(message, ...rest) {
        this.write('verbose', message, rest);
    }
    setLogLevels(levels) {
        this.enabled = new Set(levels);
    }
    write(level, message, rest) {
        if (!this.enabled.has(level)) return;
        const { context, extra } = splitRest(rest);
        const time = this.now().toISOString();
        const fields = fieldsOf(message, extra);
        const line = this.sink.isTTY === true ? pretty(time, level, context, fields) : json(time, level, context, fields);
        this.sink.write(`${line}\n`);
    }
}
/** Nest passes the context last; an error's stack, when given as text, comes before it. */ function splitRest(rest) {
    const given = rest.filter((item)=>item !== undefined);
    const last = given.at(-1);
    if (typeof last !== 'string' || last.includes('\n')) return {
        extra: given
    };
    return {
        context: last,
        extra: given.slice(0, -1)
    };
}
function fieldsOf(message, extra) {
    const stack = extra.find((item)=>typeof item === 'string' && item.includes('\n    at '));
    const others = extra.filter((item)=>item !== stack);
    const safe = safeForLog(message);
    const isFields = typeof safe === 'object' && safe !== null && !Array.isArray(safe);
    return {
        ...isFields ? safe : {
            message: safe
        },
        ...stack === undefined ? {} : {
            stack: safeText(stack)
        },
        ...others.length === 0 ? {} : {
            extra: safeForLog(others)
        }
    };
}
function json(time, level, context, fields) {
    return JSON.stringify({
        time,
        level,
        ...context === undefined ? {} : {
            context: safeText(context)
        },
        ...rename(fields)
    });
}
/** A field of the record's own frame must not be replaced by one of the message. */ function rename({ time, level, context, ...fields }) {
    const taken = Object.entries({
        time,
        level,
        context
    }).filter(([, value])=>value !== undefined);
    return {
        ...fields,
        ...Object.fromEntries(taken.map(([key, value])=>[
                `${key}_`,
                value
            ]))
    };
}
const colours = {
    fatal: '\u001b[41m',
    error: '\u001b[31m',
    warn: '\u001b[33m',
    log: '\u001b[32m',
    debug: '\u001b[36m',
    verbose: '\u001b[90m'
};
function pretty(time, level, context, fields) {
    const { message, stack, ...others } = fields;
    const where = context === undefined ? '' : ` [${safeText(context)}]`;
    const tail = Object.keys(others).length === 0 ? '' : ` ${JSON.stringify(others)}`;
    const text = typeof message === 'string' ? message.replaceAll('\n', '\\n') : JSON.stringify(message);
    const trace = typeof stack === 'string' ? `\n${stack.replace(/^/gm, '  ')}` : '';
    return `${time.slice(11, 23)} ${colours[level]}${level.padEnd(5)}\u001b[0m${where} ${text ?? ''}${tail}${trace}`;
}

//# sourceMappingURL=json-logger.js.map
