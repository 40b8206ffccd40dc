export { startSimulator } from './powerdns.simulator.js';
