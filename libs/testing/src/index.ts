export * from './conformance/conformance-cases.js';
export * from './conformance/transport-faults.conformance.js';
export * from './simulator/index.js';
