export * from './alert-dispatcher.service.js';
export * from './alert-source.js';
export * from './alert.entity.js';
export * from './alerts.service.js';
export * from './operator-mail.js';
export * from './signed-webhook.js';
