/** A configuration with its variables filled in. */ const reference = /\$\$\{|\$\{([^}]*)\}/g;
/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string below `data`, also inside longer texts. A variable that is
 * absent or empty takes the default; without one it is a problem. `$${` stands for a literal `${`. Keys are left alone.
 */ export function interpolate(data, env) {
    const variables = new Map();
    const problems = [];
    const fill = (text, path)=>text.replace(reference, (whole, inner)=>{
            if (inner === undefined) return '${';
            const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inner) ?? [];
            if (name === undefined) {
                problems.push(`${path}: ${whole} is not a variable: write \${NAME}, \${NAME:-default}, or $\${ for a literal \${`);
                return '';
            }
            variables.set(path, [
                ...variables.get(path) ?? [],
                name
            ]);
            const value = env[name] || fallback;
            if (value === undefined) problems.push(`${path}: the environment variable ${name} is not set: set it, or write \${${name}:-default}`);
            return value ?? '';
        });
    const walk = (value, path)=>{
        if (typeof value === 'string') return fill(value, path);
        if (Array.isArray(value)) return value.map((item, index)=>walk(item, `${path}[${index}]`));
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([key, item])=>[
                key,
                walk(item, path === '' ? key : `${path}.${key}`)
            ]));
    };
    return {
        data: walk(data, ''),
        variables,
        problems
    };
}

//# sourceMappingURL=interpolation.js.map
