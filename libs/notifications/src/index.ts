export * from './alerts/index.js';
export * from './departments.js';
export * from './email-log-entry.entity.js';
export * from './notifications.module.js';
export * from './notifications.service.js';
export * from './render-template.js';
export * from './templates/template.types.js';
