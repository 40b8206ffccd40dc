export * from './memory-calls.js';
export * from './memory-dns.adapter.js';
export * from './memory-hosting-server.js';
export * from './memory-mail.adapter.js';
export * from './memory-mailbox.adapter.js';
export { MemoryPaymentVendor, type MemoryDispute } from './memory-payment-vendor.js';
export * from './memory-payment.adapter.js';
export * from './memory-provisioner.adapter.js';
