import { definePort } from './port.js';
export const provisionerPort = definePort({
    id: 'provisioner',
    version: 1,
    methods: [
        'testConnection',
        'listPackages',
        'usernameRules',
        'ensureAccount',
        'findAccount',
        'listAccounts',
        'suspendAccount',
        'unsuspendAccount',
        'removeAccount'
    ],
    capabilities: {
        'change-package': [
            'changePackage'
        ],
        'change-password': [
            'setAccountPassword'
        ],
        'change-domain': [
            'changeDomain'
        ],
        'single-sign-on': [
            'createSignOnLink'
        ],
        usage: [
            'getUsage'
        ],
        'bulk-usage': [
            'listUsage'
        ],
        reseller: [
            'grantReseller',
            'revokeReseller'
        ],
        database: [
            'ensureDatabase',
            'findDatabase',
            'removeDatabase'
        ],
        'certificate-install': [
            'putCertificate',
            'setForceHttps'
        ]
    },
    reads: [
        'testConnection',
        'listPackages',
        'usernameRules',
        'findAccount',
        'listAccounts',
        'getUsage',
        'listUsage',
        'findDatabase'
    ],
    deadlines: {
        ensureAccount: 150_000,
        removeAccount: 150_000
    }
});

//# sourceMappingURL=provisioner.port.js.map
