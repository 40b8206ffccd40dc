import { definePort } from './port.js';
export const mailboxPort = definePort({
    id: 'mailbox',
    version: 1,
    methods: [
        'testConnection',
        'ensureMailbox',
        'findMailbox',
        'listMailboxes',
        'setPassword',
        'removeMailbox'
    ],
    capabilities: {
        forwards: [
            'putForwards',
            'listForwards'
        ],
        quota: [
            'setQuota'
        ],
        suspend: [
            'suspendMailbox',
            'unsuspendMailbox'
        ]
    },
    reads: [
        'testConnection',
        'findMailbox',
        'listMailboxes',
        'listForwards'
    ]
});

//# sourceMappingURL=mailbox.port.js.map
