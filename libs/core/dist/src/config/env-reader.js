import { isEmail } from 'class-validator';
/** Reads environment variables one by one and collects what is wrong with them. A variable set to the empty text counts as absent. */ export class EnvReader {
    constructor(env){
        this.env = env;
        /** One line per problem: the name of the setting and the fix. Values are not repeated, they may be secrets. */ this.problems = [];
    }
    /** The text, trimmed; the first of the names that is set counts. */ text(...names) {
        for (const name of names){
            const value = this.env[name]?.trim();
            if (value) return value;
        }
        return undefined;
    }
    refuse(name, fix) {
        const line = `${name} ${fix}`;
        if (!this.problems.includes(line)) this.problems.push(line);
        return undefined;
    }
    secret(name, minimumLength) {
        const value = this.text(name);
        if (value === undefined || value.length >= minimumLength) return value;
        return this.refuse(name, `is too short: give it at least ${minimumLength} characters, e.g. from: openssl rand -hex 32`);
    }
    flag(name, fallback) {
        const value = this.text(name)?.toLowerCase();
        if (value === undefined) return fallback;
        if ([
            'true',
            '1',
            'yes',
            'on'
        ].includes(value)) return true;
        if (![
            'false',
            '0',
            'no',
            'off'
        ].includes(value)) this.refuse(name, 'must be true or false');
        return false;
    }
    integer(name, fallback, minimum, maximum) {
        const value = this.text(name);
        if (value === undefined) return fallback;
        const number = Number(value);
        if (/^\d+$/.test(value) && number >= minimum && number <= maximum) return number;
        this.refuse(name, `must be a whole number from ${minimum} to ${maximum}`);
        return fallback;
    }
    oneOf(name, fallback, allowed) {
        const value = this.text(name)?.toLowerCase();
        if (value === undefined || allowed.includes(value)) return value ?? fallback;
        this.refuse(name, `must be one of ${allowed.join(', ')}`);
        return fallback;
    }
    /** An absolute http or https URL without user, password or fragment; a final slash is removed. */ webUrl(name) {
        return this.checkedWebUrl(name, this.text(name));
    }
    /** Origins (`https://www.example.com`) of a comma-separated list of web addresses. */ webOrigins(name) {
        const parts = (this.text(name) ?? '').split(',').filter((part)=>part.trim() !== '');
        const urls = parts.map((part)=>this.checkedWebUrl(name, part.trim()));
        return [
            ...new Set(urls.filter((url)=>url !== undefined).map((url)=>new URL(url).origin))
        ];
    }
    /** A URL of one of the schemes, such as `postgres:`. */ serviceUrl(name, schemes) {
        const value = this.text(name);
        if (value === undefined) return undefined;
        const url = URL.canParse(value) ? new URL(value) : undefined;
        if (url !== undefined && schemes.includes(url.protocol)) return value;
        return this.refuse(name, `must be a URL that starts with ${schemes.map((scheme)=>`${scheme}//`).join(' or ')}`);
    }
    email(name) {
        const value = this.text(name);
        if (value === undefined || isEmail(value)) return value;
        return this.refuse(name, 'must be an e-mail address, e.g. office@example.com');
    }
    /** `office@example.com` or `Example Office <office@example.com>`. */ mailbox(name) {
        const value = this.text(name);
        if (value === undefined) return undefined;
        const parts = /^"?([^"<>\r\n]*?)"?\s*<([^<>\s]+)>$/.exec(value);
        const address = parts?.[2] ?? value;
        if (!isEmail(address)) return this.refuse(name, 'must be an e-mail address, e.g. Example <office@example.com>');
        return parts?.[1] ? {
            name: parts[1],
            address
        } : {
            address
        };
    }
    /** A DNS host name, lower case, without the final dot. */ host(name) {
        const value = this.text(name)?.toLowerCase().replace(/\.$/, '');
        if (value === undefined || /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(value)) return value;
        return this.refuse(name, 'must be a host name, e.g. ns1.example.com');
    }
    checkedWebUrl(name, value) {
        if (value === undefined) return undefined;
        const url = URL.canParse(value) ? new URL(value) : undefined;
        const plain = url !== undefined && url.username === '' && url.password === '' && url.hash === '';
        if (url === undefined || ![
            'http:',
            'https:'
        ].includes(url.protocol) || !plain) {
            return this.refuse(name, 'must be a web address without user name, e.g. https://panel.example.com');
        }
        return value.replace(/\/+$/, '');
    }
}

//# sourceMappingURL=env-reader.js.map
