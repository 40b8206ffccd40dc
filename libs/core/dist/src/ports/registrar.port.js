import { definePort } from './port.js';
export const registrarPort = definePort({
    id: 'registrar',
    version: 1,
    methods: [
        'testConnection',
        'checkAvailability',
        'registerDomain',
        'renewDomain',
        'startTransfer',
        'checkTransfer',
        'findDomain',
        'listDomains',
        'putNameservers',
        'getContacts',
        'putContacts',
        'setLock',
        'setPrivacy',
        'setAutoRenew',
        'getBalance'
    ],
    capabilities: {
        'auth-code': [
            'requestAuthCode'
        ],
        dnssec: [
            'putDsRecords'
        ],
        'glue-records': [
            'putGlueRecord',
            'removeGlueRecord'
        ],
        'host-records': [
            'listHostRecords'
        ],
        'price-list': [
            'listPrices'
        ],
        restore: [
            'restoreDomain'
        ]
    },
    reads: [
        'testConnection',
        'checkAvailability',
        'checkTransfer',
        'findDomain',
        'listDomains',
        'getContacts',
        'getBalance',
        'listHostRecords',
        'listPrices'
    ]
});

//# sourceMappingURL=registrar.port.js.map
