import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BootError } from '../errors/boot-error.js';
import { EnvelopeError, Keyring } from './envelope.js';
import { loadOrCreateKeyFile, readKeyFile } from './key-file.js';
const fileName = 'encryption.key';
/**
 * The keyring of this installation: `ENCRYPTION_KEY`, or else the key kept in `<home>/keys`, made at the first start.
 * `ENCRYPTION_KEY_PREVIOUS` and a kept key still open what they sealed, so that moving to another key loses nothing.
 * @throws BootError when a key is malformed; never replaces one
 */ export function loadKeyring(options) {
    const { env, home } = options;
    const previous = parts([
        'ENCRYPTION_KEY_PREVIOUS',
        env['ENCRYPTION_KEY_PREVIOUS']
    ]);
    const file = join(home, 'keys', fileName);
    if (env['ENCRYPTION_KEY']) {
        return build(parts([
            'ENCRYPTION_KEY',
            env['ENCRYPTION_KEY']
        ], ...previous, [
            file,
            readKeyFile(home, fileName)
        ]));
    }
    const kept = loadOrCreateKeyFile(home, fileName, ()=>randomBytes(32).toString('hex'));
    return build([
        [
            file,
            kept
        ],
        ...previous
    ]);
}
function parts(...keys) {
    return keys.filter((key)=>Boolean(key[1]));
}
function build(keys) {
    const problems = keys.flatMap(([name, text])=>{
        try {
            Keyring.fromText(text);
            return [];
        } catch  {
            return [
                `${name} is not a key: it must be 64 hexadecimal digits or base64 of 32 bytes; restore it, or without stored secrets make one with: openssl rand -hex 32`
            ];
        }
    });
    if (problems.length > 0) throw new BootError(problems);
    const [current, ...previous] = keys.map(([, text])=>text);
    return Keyring.fromText(current ?? '', ...previous);
}
const proofPlace = {
    table: 'keyring',
    column: 'proof',
    id: 'proof'
};
/** A sealed constant. Stored with the first secret, it shows at the next boot that the key still fits. */ export function sealKeyProof(keyring) {
    return keyring.encrypt('keelson', proofPlace);
}
/**
 * Refuses to go on when the keyring cannot open what this installation sealed (key lost, wrong or rotated without
 * its predecessor). @throws BootError
 */ export function assertKeyProof(keyring, proof) {
    try {
        keyring.decrypt(proof, proofPlace);
    } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
        const sealedWith = error.code === 'unknown-key' ? proof.split('.')[1] ?? 'unknown' : 'unknown';
        throw new BootError([
            `ENCRYPTION_KEY does not open the stored secrets (sealed with key ${sealedWith}, given is key ${keyring.keyId}): ` + `set ENCRYPTION_KEY, restore KEELSON_HOME/keys/${fileName}, or name the old key in ENCRYPTION_KEY_PREVIOUS`
        ], {
            cause: error
        });
    }
}

//# sourceMappingURL=keyring-loader.js.map
