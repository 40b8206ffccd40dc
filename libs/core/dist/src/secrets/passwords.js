import { randomInt } from 'node:crypto';
/** No characters that are mistaken for one another (I l 1 O 0 o), and only symbols that every panel and shell quoting survives. */ const classes = [
    'ABCDEFGHJKLMNPQRSTUVWXYZ',
    'abcdefghijkmnpqrstuvwxyz',
    '23456789',
    '-_.+=@'
];
const alphabet = classes.join('');
/**
 * A password from the system's random source, with at least one character of each class (upper, lower, digit, symbol), as
 * some vendors demand. 16 characters carry more than 90 bits.
 * @throws RangeError below 12 characters
 */ export function generatePassword(length = 16) {
    if (length < 12) throw new RangeError('a password has at least 12 characters');
    for(;;){
        const password = Array.from({
            length
        }, ()=>alphabet.charAt(randomInt(alphabet.length))).join('');
        const complete = classes.every((members)=>[
                ...members
            ].some((character)=>password.includes(character)));
        if (complete && /^[A-Za-z0-9].*[A-Za-z0-9]$/.test(password)) return password;
    }
}

//# sourceMappingURL=passwords.js.map
