/** The service is provisioned already, or a task for it is open. */
export class TaskConflictError extends Error {
  override readonly name = 'TaskConflictError';
  constructor(
    message: string,
    /** The task that is open, or the one that provisioned the service; undefined when it was provisioned without one. */
    readonly taskId?: string,
  ) {
    super(message);
  }
}

/** There is no such task (or it is not the caller's). */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError';
  constructor(message = 'There is no such provisioning job.') {
    super(message);
  }
}
