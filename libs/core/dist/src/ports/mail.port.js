import { definePort } from './port.js';
export const mailPort = definePort({
    id: 'mail',
    version: 1,
    methods: [
        'testConnection',
        'sendMail'
    ],
    capabilities: {
        dkim: [
            'findDkimRecord'
        ]
    },
    reads: [
        'testConnection',
        'findDkimRecord'
    ],
    deadlines: {
        sendMail: 60_000
    }
});

//# sourceMappingURL=mail.port.js.map
