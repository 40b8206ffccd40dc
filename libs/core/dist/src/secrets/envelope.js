import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
/** Thrown instead of returning anything that was not authenticated. Names key ids and places, never secrets. */ export class EnvelopeError extends Error {
    constructor(code, message){
        super(message), this.code = code, this.name = 'EnvelopeError';
    }
}
const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
/**
 * Seals secrets with AES-256-GCM. Every text has its own random data key; that key is wrapped by the master key, so
 * changing the master key re-wraps 32 bytes per row. Both layers authenticate version and place, the outer one also the
 * id of the master key (NIST SP 800-38D: 96-bit random nonces, 128-bit tags).
 *
 * Form: `v1.<key id>.<wrapped data key>.<sealed text>`, base64url.
 */ export class Keyring {
    constructor(current, previous){
        this.current = current;
        this.keys = new Map([
            ...previous,
            current
        ].map((key)=>[
                key.id,
                key
            ]));
    }
    /**
   * @param current master key as 64 hexadecimal digits or base64 (standard or URL alphabet) of 32 bytes
   * @param previous keys that still open what they sealed
   * @throws RangeError when a text is neither; the message does not repeat it
   */ static fromText(current, ...previous) {
        return new Keyring(masterKey(current), previous.map(masterKey));
    }
    /** Id of the key that seals. */ get keyId() {
        return this.current.id;
    }
    /** Seals `plain` for the place. Two calls give two different texts. */ encrypt(plain, place) {
        const dataKey = randomBytes(32);
        const wrapped = seal(this.current.bytes, dataKey, wrapContext(this.current.id, place));
        const sealed = seal(dataKey, Buffer.from(plain, 'utf8'), context(place));
        return [
            version,
            this.current.id,
            wrapped.toString('base64url'),
            sealed.toString('base64url')
        ].join('.');
    }
    /** Opens a sealed text. @throws EnvelopeError */ decrypt(sealed, place) {
        const parts = split(sealed);
        return open(this.unwrap(parts, place), parts.text, context(place), place).toString('utf8');
    }
    /** The same secret under the current key; the text itself when it is already. Repeating it changes nothing. @throws EnvelopeError */ rewrap(sealed, place) {
        const parts = split(sealed);
        if (parts.keyId === this.current.id) return sealed;
        const wrapped = seal(this.current.bytes, this.unwrap(parts, place), wrapContext(this.current.id, place));
        return [
            version,
            this.current.id,
            wrapped.toString('base64url'),
            parts.text.toString('base64url')
        ].join('.');
    }
    /** Whether the text is sealed with the current key; false for one that `rewrap` should visit. */ isCurrent(sealed) {
        return split(sealed).keyId === this.current.id;
    }
    unwrap({ keyId, wrapped }, place) {
        const key = this.keys.get(keyId);
        if (key === undefined) {
            throw new EnvelopeError('unknown-key', `${place.table}.${place.column} of ${place.id} is sealed with the key ${keyId}, but ENCRYPTION_KEY is ${this.current.id}: ` + 'set ENCRYPTION_KEY (or, during a rotation, ENCRYPTION_KEY_PREVIOUS) to the key it was sealed with');
        }
        return open(key.bytes, wrapped, wrapContext(keyId, place), place);
    }
}
function masterKey(text) {
    const trimmed = text.trim();
    const isHex = /^[0-9a-f]{64}$/i.test(trimmed);
    const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed);
    if (!isHex && !isBase64) throw new RangeError('an encryption key is 64 hexadecimal digits or base64 of 32 bytes');
    const bytes = Buffer.from(trimmed, isHex ? 'hex' : 'base64');
    return {
        id: createHash('sha256').update('keelson key id').update(bytes).digest('hex').slice(0, 8),
        bytes
    };
}
function context({ table, column, id }) {
    return Buffer.from(JSON.stringify([
        version,
        table,
        column,
        id
    ]));
}
function wrapContext(keyId, place) {
    return Buffer.concat([
        Buffer.from(`${keyId}:`),
        context(place)
    ]);
}
function seal(key, plain, aad) {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, {
        authTagLength: tagBytes
    }).setAAD(aad);
    return Buffer.concat([
        nonce,
        cipher.update(plain),
        cipher.final(),
        cipher.getAuthTag()
    ]);
}
function open(key, sealed, aad, place) {
    try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
            authTagLength: tagBytes
        });
        decipher.setAAD(aad).setAuthTag(sealed.subarray(-tagBytes));
        return Buffer.concat([
            decipher.update(sealed.subarray(nonceBytes, -tagBytes)),
            decipher.final()
        ]);
    } catch  {
        throw new EnvelopeError('damaged', `${place.table}.${place.column} of ${place.id} does not open: it was altered or copied from another row; enter the secret again`);
    }
}
function split(sealed) {
    const [form, keyId, wrapped, text, ...rest] = sealed.split('.');
    if (form !== version || keyId === undefined || wrapped === undefined || text === undefined || rest.length > 0) {
        throw new EnvelopeError('malformed', `this is not a secret sealed as ${version}`);
    }
    return {
        keyId,
        wrapped: Buffer.from(wrapped, 'base64url'),
        text: Buffer.from(text, 'base64url')
    };
}

//# sourceMappingURL=envelope.js.map
