/** Largest body of any request, in bytes. */
export const bodyLimit = 1024 * 1024;

/** Largest webhook, in bytes. Providers stay far below. */
export const webhookBodyLimit = 256 * 1024;
