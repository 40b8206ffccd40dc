export * from './conformance/conformance-cases.js';
export * from './conformance/mail.conformance.js';
export * from './conformance/transport-faults.conformance.js';
export * from './memory/index.js';
export * from './simulator/index.js';
