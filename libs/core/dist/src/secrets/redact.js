/** Patterns of secrets that may hide in any text: keys of well-known shapes, credentials in headers, URLs and JSON. */ const patterns = [
    [
        /\b(sk|rk|pk)_(live|test)_[A-Za-z0-9_]{6,}/g,
        '$1_$2_***'
    ],
    [
        /\bwhsec_[A-Za-z0-9+/=_-]{6,}/g,
        'whsec_***'
    ],
    [
        /\b(np[ks])_[A-Za-z0-9_-]{6,}/g,
        '$1_***'
    ],
    [
        /\bkln_[a-z]+_[A-Za-z0-9]+_[A-Za-z0-9_-]{20,}/g,
        'kln_***'
    ],
    [
        /(\bauthorization"?\s*[:=]\s*"?)[^"\r\n]+/gi,
        '$1***'
    ],
    [
        /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/g,
        '$1 ***'
    ],
    [
        /(^|[\s"'])([A-Za-z][\w.-]*:)[A-Z0-9]{20,}\b/g,
        '$1$2***'
    ],
    [
        /([?&](?:key|api[-_]?key|token|secret|password|pass|auth|authcode)=)[^&\s"']+/gi,
        '$1***'
    ],
    [
        /("?(?:password|pass|passwd|secret|token|api[-_]?key|private[-_]?key|auth[-_]?code|client[-_]?secret)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[^\s,;&}"]+)/gi,
        '$1***'
    ],
    [
        /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
        '*** private key ***'
    ],
    [
        /\/cpsess\d+\/[^\s"']*/g,
        '/cpsess***'
    ],
    [
        /(:\/\/[^\s:/@]+:)[^\s@/]+@/g,
        '$1***@'
    ]
];
/** The text with everything that looks like a secret replaced by `***`. */ export function redact(text) {
    let result = text;
    for (const [pattern, replacement] of patterns)result = result.replace(pattern, replacement);
    return result;
}

//# sourceMappingURL=redact.js.map
