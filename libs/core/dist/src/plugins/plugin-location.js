import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
const prefix = 'keelson-plugin-';
/** Whether an entry of `plugins:` names a package rather than an id. */ export function isPackageName(entry) {
    return /^(@[^/]+\/)?keelson-plugin-/.test(entry);
}
/** The id in a plugin package's name, scope and prefix removed. */ export function idOfPackage(packageName) {
    return packageName.replace(/^@[^/]+\//, '').replace(prefix, '');
}
/** Plugins in the plugins folder. A folder without package.json is none. An absent plugins folder holds none. */ export function listFolders(pluginsFolder) {
    if (!existsSync(pluginsFolder)) return [];
    return readdirSync(pluginsFolder).sort().flatMap((name)=>{
        const folder = join(pluginsFolder, name);
        return existsSync(join(folder, 'package.json')) ? [
            locate(folder, name)
        ] : [];
    });
}
/** The installed package of that name, searched in `node_modules` of each folder and of all folders above it. */ export function findInstalled(packageName, searchFrom) {
    for (const modules of moduleFolders(searchFrom)){
        const folder = join(modules, packageName);
        if (existsSync(join(folder, 'package.json'))) return locate(folder, idOfPackage(packageName));
    }
    return undefined;
}
/** Names of installed plugin packages, for messages. Scoped packages are found only by their full name. */ export function listInstalled(searchFrom) {
    const names = moduleFolders(searchFrom).flatMap((modules)=>readdirSync(modules).filter((n)=>n.startsWith(prefix)));
    return [
        ...new Set(names)
    ].sort();
}
function moduleFolders(searchFrom) {
    const folders = new Set();
    for (const start of searchFrom){
        for(let folder = start;; folder = dirname(folder)){
            folders.add(join(folder, 'node_modules'));
            if (folder === dirname(folder)) break;
        }
    }
    return [
        ...folders
    ].filter((folder)=>existsSync(folder));
}
function locate(folder, id) {
    const real = realpathSync(folder);
    const packageJson = readPackageJson(join(real, 'package.json'));
    return {
        folder: real,
        id,
        packageName: String(packageJson.name),
        packageJson
    };
}
/** An unreadable file counts as empty, so that a plugin that is not enabled cannot stop the boot. */ function readPackageJson(file) {
    try {
        return JSON.parse(readFileSync(file, 'utf8')) ?? {};
    } catch  {
        return {};
    }
}
/** Conditions of package exports that hold for this process: plugins run from source exactly when the core does. */ const conditions = new Set([
    ...import.meta.url.endsWith('.ts') ? [
        'keelson-source'
    ] : [],
    'node',
    'import',
    'module-sync',
    'default'
]);
/** The file that the package exports as its entry, or undefined when it exports none under the conditions of this process. */ export function entryOf(location) {
    const { exports } = location.packageJson;
    const root = typeof exports === 'object' && exports !== null && '.' in exports ? exports['.'] : exports;
    const target = pick(root);
    return target === undefined ? undefined : join(location.folder, target);
}
function pick(target) {
    if (typeof target === 'string') return target;
    if (typeof target !== 'object' || target === null) return undefined;
    for (const [condition, next] of Object.entries(target)){
        const found = conditions.has(condition) ? pick(next) : undefined;
        if (found !== undefined) return found;
    }
    return undefined;
}

//# sourceMappingURL=plugin-location.js.map
