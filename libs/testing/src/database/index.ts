export * from './redis-server.js';
export * from './test-database.js';
export { startEmbeddedPostgres, type EmbeddedPostgres } from '@keelson/database';
