import { definePort } from './port.js';
export const dnsPort = definePort({
    id: 'dns',
    version: 1,
    methods: [
        'testConnection',
        'ensureZone',
        'findZone',
        'putRecords',
        'removeRecords',
        'listRecords',
        'removeZone'
    ],
    capabilities: {
        'zone-listing': [
            'listZones'
        ],
        dnssec: [
            'ensureDnssec',
            'removeDnssec'
        ],
        export: [
            'exportZone'
        ],
        notify: [
            'notifyZone'
        ]
    },
    reads: [
        'testConnection',
        'findZone',
        'listRecords',
        'listZones',
        'exportZone'
    ]
});

//# sourceMappingURL=dns.port.js.map
