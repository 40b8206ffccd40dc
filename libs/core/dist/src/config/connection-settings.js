import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { secretsOf, settingsOf } from '../plugins/setting.decorator.js';
/**
 * Checks raw settings (of a file, a form or a stored row) against the settings class of a plugin.
 *
 * Texts become numbers and booleans where the class says so, and an empty text counts as absent, because settings often
 * come from environment variables. Unknown settings are refused.
 */ export function validateSettings(settingsClass, raw) {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
        return {
            ok: false,
            problems: [
                {
                    setting: '',
                    message: 'must be a mapping of settings to values'
                }
            ]
        };
    }
    const known = settingsOf(settingsClass).map((setting)=>setting.name);
    const unknown = Object.keys(raw).filter((name)=>!known.includes(name));
    const given = Object.fromEntries(known.flatMap((name)=>{
        const value = convert(raw[name], typeOf(settingsClass, name));
        return value === undefined || value === null || value === '' ? [] : [
            [
                name,
                value
            ]
        ];
    }));
    const settings = plainToInstance(settingsClass, given, {
        exposeDefaultValues: true
    });
    const errors = validateSync(settings, {
        forbidUnknownValues: true,
        validationError: {
            target: false,
            value: false
        }
    });
    const secrets = secretsOf(settingsClass).map((name)=>given[name]);
    const problems = [
        ...unknown.map((name)=>({
                setting: name,
                message: `is not a setting; known: ${known.join(', ')}`
            })),
        ...errors.flatMap((error)=>error.property in given ? problemsOf(error, '') : missing(settingsClass, error))
    ].map((problem)=>({
            ...problem,
            message: without(problem.message, secrets)
        }));
    return problems.length === 0 ? {
        ok: true,
        settings
    } : {
        ok: false,
        problems
    };
}
function typeOf(settingsClass, name) {
    return Reflect.getMetadata('design:type', settingsClass.prototype, name);
}
function convert(value, type) {
    if (type === Number && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim())) return Number(value);
    if (type === Boolean && typeof value === 'string' && /^(true|false)$/i.test(value.trim())) {
        return value.trim().toLowerCase() === 'true';
    }
    if (type === String && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
    return value;
}
/** One problem instead of one for each rule that an absent value breaks. */ function missing(settingsClass, { property }) {
    const description = settingsOf(settingsClass).find((setting)=>setting.name === property)?.description;
    return [
        {
            setting: property,
            message: `is missing: set it${description === undefined ? '' : ` (${description})`}`
        }
    ];
}
function problemsOf(error, parent) {
    const setting = parent === '' ? error.property : `${parent}.${error.property}`;
    const messages = Object.values(error.constraints ?? {});
    const own = messages.map((message)=>({
            setting,
            message: message.replace(`${error.property} `, '')
        }));
    return [
        ...own,
        ...(error.children ?? []).flatMap((child)=>problemsOf(child, setting))
    ];
}
/** Rules may quote the value in their message (`$value`); a secret must not get out that way. */ function without(message, secrets) {
    const texts = secrets.filter((secret)=>typeof secret === 'string');
    return texts.reduce((text, secret)=>text.replaceAll(secret, '***'), message);
}

//# sourceMappingURL=connection-settings.js.map
