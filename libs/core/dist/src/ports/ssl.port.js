import { definePort } from './port.js';
export const sslPort = definePort({
    id: 'ssl',
    version: 1,
    methods: [
        'testConnection',
        'startCertificate',
        'checkCertificate',
        'renewalWindow',
        'revokeCertificate'
    ],
    capabilities: {
        wildcard: [
            'supportsWildcard'
        ],
        'renewal-info': [
            'getRenewalInfo'
        ]
    },
    reads: [
        'testConnection',
        'renewalWindow',
        'supportsWildcard',
        'getRenewalInfo'
    ]
});

//# sourceMappingURL=ssl.port.js.map
