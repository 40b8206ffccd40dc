export * from './data-source.js';
export * from './database.module.js';
export * from './embedded/index.js';
export * from './ids.js';
export * from './key-proof.js';
export * from './migrations.js';
export * from './snake-naming.js';
export * from './transaction.js';
