import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
/**
 * The text of `<home>/keys/<name>`, trimmed. When the file is absent it is made with the text that `generate` returns,
 * readable by this user only. Several processes that start at once agree on one text; an existing file is never changed.
 */ export function loadOrCreateKeyFile(home, name, generate) {
    const existing = readKeyFile(home, name);
    if (existing !== undefined) return existing;
    const folder = join(home, 'keys');
    mkdirSync(folder, {
        recursive: true,
        mode: 0o700
    });
    const file = join(folder, name);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    writeFileSync(draft, `${generate()}\n`, {
        flag: 'wx',
        mode: 0o600
    });
    try {
        linkSync(draft, file);
    } catch (error) {
        if (error.code !== 'EEXIST') throw error;
    } finally{
        rmSync(draft);
    }
    return readFileSync(file, 'utf8').trim();
}
/** The text of `<home>/keys/<name>`, or undefined. Takes away the rights of other users. */ export function readKeyFile(home, name) {
    const file = join(home, 'keys', name);
    try {
        const text = readFileSync(file, 'utf8').trim();
        chmodSync(file, 0o600);
        return text;
    } catch (error) {
        if (error.code === 'ENOENT') return undefined;
        throw error;
    }
}

//# sourceMappingURL=key-file.js.map
