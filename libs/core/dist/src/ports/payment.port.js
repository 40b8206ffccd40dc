import { definePort } from './port.js';
export const paymentPort = definePort({
    id: 'payment',
    version: 1,
    methods: [
        'testConnection',
        'createCheckout',
        'getCheckout',
        'parseWebhook',
        'getSubscription',
        'getInvoice',
        'getPayment',
        'changeSubscription',
        'cancelSubscription',
        'refund',
        'getRefund',
        'createPortalLink'
    ],
    capabilities: {
        'off-session-charge': [
            'chargeOffSession'
        ],
        tax: [
            'calculatesTax'
        ],
        disputes: [
            'getDispute'
        ]
    },
    reads: [
        'testConnection',
        'getCheckout',
        'parseWebhook',
        'getSubscription',
        'getInvoice',
        'getPayment',
        'getRefund',
        'calculatesTax',
        'getDispute'
    ]
});

//# sourceMappingURL=payment.port.js.map
