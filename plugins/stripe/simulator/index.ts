export * from './start-simulator.js';
export { signWebhook } from './webhook-sender.js';
