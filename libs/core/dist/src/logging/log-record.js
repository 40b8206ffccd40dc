import { redact } from '../secrets/redact.js';
const secretKey = /pass(word|wd)?$|secret|token|api[-_]?key|authori[sz]ation|cookie|private[-_]?key|auth[-_]?code|card/i;
const longest = 8_000;
const deepest = 6;
const mostEntries = 100;
/**
 * A copy of any value that is safe to write: secrets replaced, texts cut, cycles and depth ended, getters that throw survived.
 * Values under names like `password` or `token` are dropped whatever they look like.
 */ export function safeForLog(value) {
    return copy(value, 0, new Set());
}
/** A text without secrets and with control characters escaped, so that it stays one line. */ export function safeText(text) {
    const cut = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
    return redact(cut.toWellFormed()).replace(/(?!\n)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, escape);
}
function escape(character) {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
function copy(value, depth, seen) {
    if (typeof value === 'string') return safeText(value);
    if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
    if (typeof value === 'function') return '[function]';
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return '[circular]';
    if (depth >= deepest) return '[…]';
    seen.add(value);
    try {
        return copyObject(value, depth, seen);
    } catch  {
        return '[unreadable]';
    } finally{
        seen.delete(value);
    }
}
function copyObject(value, depth, seen) {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((item)=>copy(item, depth + 1, seen));
    if (value instanceof Map) return copyObject(Object.fromEntries(value), depth, seen);
    if (value instanceof Set) return copyObject([
        ...value
    ], depth, seen);
    const own = Object.entries(value).slice(0, mostEntries);
    const entries = own.map(([key, item])=>[
            safeText(key),
            secretKey.test(key) && item !== undefined && item !== null ? '***' : copy(item, depth + 1, seen)
        ]);
    if (!(value instanceof Error)) return Object.fromEntries(entries);
    const cause = value.cause === undefined ? [] : [
        [
            'cause',
            copy(value.cause, depth + 1, seen)
        ]
    ];
    const { name, message, stack } = value;
    const head = {
        name: safeText(name),
        message: safeText(message),
        stack: stack === undefined ? undefined : safeText(stack)
    };
    return {
        ...Object.fromEntries([
            ...entries,
            ...cause
        ]),
        ...head
    };
}

//# sourceMappingURL=log-record.js.map
