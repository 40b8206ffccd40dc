export * from './redis-server.js';
export * from './test-database.js';
