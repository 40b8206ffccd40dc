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

/** What a service was to be made for has ended: nothing is made for it any more. @param why its `terminationReason` */
export function givenUp(why: string, taskId?: string): TaskConflictError {
  return new TaskConflictError(`Nothing is made for this service any more: ${why} It takes a new order.`, taskId);
}

/** There is no such task (or it is not the caller's). */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError';
  constructor(message = 'There is no such provisioning job.') {
    super(message);
  }
}
