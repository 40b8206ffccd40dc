export { startSimulator } from './cloudflare.simulator.js';
