export { startSimulator } from './zonefile.simulator.js';
