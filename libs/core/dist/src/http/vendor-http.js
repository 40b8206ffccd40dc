import { Agent, request as send } from 'undici';
import { currentCall } from '../adapters/call.js';
import { PortError } from '../errors/port-error.js';
/** Failures before the first byte of the request left: the vendor cannot have acted. */ const notSent = new Set([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
    'UND_ERR_CONNECT_TIMEOUT'
]);
const certificateProblem = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS/;
/**
 * Speaks HTTP with a vendor: no redirects, a capped body, the deadline of the call, and network failures as `PortError`.
 * Statuses are not judged here except 429 and 502–504, which mean the same with every vendor.
 */ export class VendorHttp {
    constructor(options){
        this.options = options;
        this.base = new URL(options.baseUrl);
        this.maximumBytes = options.maximumBytes ?? 8 * 1024 * 1024;
        this.agent = new Agent({
            connections: 16,
            keepAliveTimeout: 4_000,
            maxResponseSize: this.maximumBytes,
            connect: {
                timeout: options.connectTimeoutMs ?? 10_000,
                ...options.caPem === undefined ? {} : {
                    ca: options.caPem
                },
                ...options.acceptAnyCertificate === true ? {
                    rejectUnauthorized: false
                } : {}
            }
        });
    }
    /**
   * Sends one request and reads the whole answer.
   * @throws PortError `unavailable` (not sent, or a failed read), `outcome-unknown` (sent, no whole answer), `invalid-config` (the
   *   certificate is not trusted), `rate-limited`
   */ async request(request) {
        const { signal } = currentCall();
        const url = this.urlOf(request);
        const { body, type } = encode(request);
        const headers = {
            accept: 'application/json',
            ...this.options.headers,
            ...type === undefined ? {} : {
                'content-type': type
            },
            ...request.headers
        };
        try {
            const answer = await send(url, {
                method: request.method,
                headers,
                body,
                signal,
                dispatcher: this.agent
            });
            const text = await answer.body.text();
            const response = responseOf(answer.statusCode, flatten(answer.headers), text, request.acts);
            refuseBusy(response, request.acts);
            return response;
        } catch (thrown) {
            throw thrown instanceof PortError ? thrown : networkError(thrown, request.acts);
        }
    }
    /** Closes idle connections. */ async close() {
        await this.agent.close();
    }
    urlOf(request) {
        const url = new URL(this.base.pathname.replace(/\/$/, '') + request.path, this.base);
        for (const [name, value] of Object.entries(request.query ?? {})){
            if (value !== undefined) url.searchParams.set(name, String(value));
        }
        return url;
    }
}
function encode(request) {
    if (request.json !== undefined) return {
        body: JSON.stringify(request.json),
        type: 'application/json'
    };
    if (request.form !== undefined) {
        const entries = Object.entries(request.form).filter((entry)=>entry[1] !== undefined);
        const body = new URLSearchParams(entries.map(([name, value])=>[
                name,
                String(value)
            ])).toString();
        return {
            body,
            type: 'application/x-www-form-urlencoded'
        };
    }
    return {};
}
function flatten(headers) {
    return Object.fromEntries(Object.entries(headers).map(([name, value])=>[
            name.toLowerCase(),
            Array.isArray(value) ? value.join(', ') : value ?? ''
        ]));
}
function responseOf(status, headers, text, acts) {
    return {
        status,
        headers,
        text,
        json () {
            try {
                return JSON.parse(text);
            } catch (cause) {
                throw unclear(acts, 'The provider sent an answer that cannot be read.', {
                    status,
                    cause
                });
            }
        }
    };
}
function refuseBusy(response, acts) {
    const retryAfterMs = retryAfter(response.headers['retry-after']);
    const details = {
        vendor: {
            status: response.status
        }
    };
    if (response.status === 429) {
        throw new PortError('rate-limited', 'The provider asks us to slow down.', {
            retryAfterMs,
            details
        });
    }
    if (response.status === 503) throw new PortError('unavailable', 'The provider is not available.', {
        retryAfterMs,
        details
    });
    if (response.status === 502 || response.status === 504) {
        throw unclear(acts, 'The provider did not answer.', {
            status: response.status
        });
    }
}
/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3); undefined when absent or unreadable. */ export function retryAfter(header, now = Date.now()) {
    if (header === undefined || header === '') return undefined;
    if (/^\d+$/.test(header)) return Math.min(Number(header), 86_400) * 1000;
    const date = Date.parse(header);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
function networkError(thrown, acts) {
    const code = codeOf(thrown);
    if (certificateProblem.test(code)) {
        return new PortError('invalid-config', "The provider's certificate is not trusted.", {
            cause: thrown,
            details: {
                vendor: {
                    code
                }
            }
        });
    }
    if (notSent.has(code)) {
        return new PortError('unavailable', 'The provider cannot be reached.', {
            cause: thrown,
            details: {
                vendor: {
                    code
                }
            }
        });
    }
    return unclear(acts, 'The connection to the provider broke off.', {
        code,
        cause: thrown
    });
}
function unclear(acts, message, why) {
    const details = {
        vendor: {
            ...why.status === undefined ? {} : {
                status: why.status
            },
            ...why.code ? {
                code: why.code
            } : {}
        }
    };
    return new PortError(acts ? 'outcome-unknown' : 'unavailable', message, {
        cause: why.cause,
        details
    });
}
function codeOf(thrown) {
    const { code, cause } = thrown ?? {};
    const found = code ?? cause?.code;
    return typeof found === 'string' ? found : '';
}

//# sourceMappingURL=vendor-http.js.map
