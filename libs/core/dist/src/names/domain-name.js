import { domainToASCII, domainToUnicode } from 'node:url';
import { isIP } from 'node:net';
import { isEmail } from 'class-validator';
import { parse } from 'tldts';
import { PortError } from '../errors/port-error.js';
/** Top-level domains kept for trying things out (RFC 6761 §6); no registry sells names below them. */ const reservedForTests = new Set([
    'test',
    'example'
]);
/**
 * A domain name as it is stored and compared: A-labels in lower case without the final dot (UTS #46 non-transitional, letters,
 * digits and hyphens, labels of at most 63 and names of at most 253 characters).
 *
 * The name must be one that somebody can register, or lie below one: no address, no bare public suffix (`co.uk`,
 * `github.io`), no unknown top-level domain except `.test` and `.example`.
 * @throws PortError `invalid-input` with a sentence that a customer understands
 */ export function normaliseDomain(text) {
    const shown = JSON.stringify(text.slice(0, 80)).slice(1, -1);
    const refuse = (why)=>{
        throw new PortError('invalid-input', `"${shown}" is not a domain name: ${why}.`);
    };
    const trimmed = text.normalize('NFC').trim().replace(/\.$/, '');
    if (trimmed === '') return refuse('it is empty');
    if (trimmed.length > 253) return refuse('it is longer than 253 characters');
    if (/[\s%/:?#@\\[\]<>^|*_]/.test(trimmed)) return refuse('it holds a character that names cannot have');
    const name = domainToASCII(trimmed).toLowerCase();
    if (name === '') return refuse('it holds a character that names cannot have');
    if (name.length > 253) return refuse('it is longer than 253 characters');
    if (isIP(name) !== 0) return refuse('it is an address');
    for (const label of name.split('.')){
        if (label.length > 63) return refuse('a part of it is longer than 63 characters');
        if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) return refuse('a part of it is empty or begins or ends with a hyphen');
        if (/^..--/.test(label) && !label.startsWith('xn--')) return refuse('hyphens stand where only coded names have them');
    }
    const { domain, publicSuffix, isIcann, isPrivate } = parse(name, {
        allowPrivateDomains: true,
        validateHostname: false
    });
    if (isIcann !== true && isPrivate !== true && !reservedForTests.has(publicSuffix ?? '')) {
        return refuse('its ending does not exist');
    }
    return domain === null ? refuse('it is an ending under which names are registered') : name;
}
/** Whether `normaliseDomain` takes the text. */ export function isDomain(text) {
    try {
        normaliseDomain(text);
        return true;
    } catch  {
        return false;
    }
}
/** The name as people write it (U-labels), for display only. */ export function domainForDisplay(domain) {
    return domainToUnicode(domain) || domain;
}
/** The part of a normalised name that is registered: `example.co.uk` of `www.example.co.uk`. */ export function registrableDomain(domain) {
    return parse(domain, {
        allowPrivateDomains: true,
        validateHostname: false
    }).domain ?? domain;
}
/**
 * An e-mail address as it is stored and compared: trimmed, lower case, the domain in A-labels. The domain need not be one that
 * can be registered (`office@mail.internal.example` is fine), but it has a dot.
 * @throws PortError `invalid-input`
 */ export function normaliseEmail(text) {
    const trimmed = text.normalize('NFC').trim();
    const at = trimmed.lastIndexOf('@');
    const address = `${trimmed.slice(0, at)}@${domainToASCII(trimmed.slice(at + 1))}`.toLowerCase();
    if (at > 0 && address.length <= 254 && isEmail(address, {
        allow_utf8_local_part: false
    })) return address;
    throw new PortError('invalid-input', `"${JSON.stringify(text.slice(0, 80)).slice(1, -1)}" is not an e-mail address.`);
}

//# sourceMappingURL=domain-name.js.map
