/** The queues of the engine: one per kind of work, so that a flood of one kind never delays another. */
export const queueNames = ['provisioning', 'inbox', 'mail', 'schedule'] as const;

export type QueueName = (typeof queueNames)[number];
