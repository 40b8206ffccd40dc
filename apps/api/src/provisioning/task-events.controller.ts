import { setTimeout as pause } from 'node:timers/promises';
import type { Principal } from '@keelson/customers';
import { fromPublicId } from '@keelson/database';
import { type EventView, ProvisioningService, type TaskStatus } from '@keelson/provisioning';
import { Controller, Headers, type MessageEvent, Param, Sse } from '@nestjs/common';
import { ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Observable } from 'rxjs';
import { Access } from '../access/access.decorator.js';
import { Caller, ownCustomerId } from '../access/caller.decorator.js';
import { taskOf } from './task.mapper.js';

const lookEveryMs = 500;
/** Keeps proxies from closing a quiet stream. */
const quietMs = 15_000;
const over: readonly TaskStatus[] = ['completed', 'failed', 'cancelled'];

/** The events of a job as they happen. */
@ApiTags('provisioning')
@Controller('api/provisioning')
export class TaskEventsController {
  constructor(private readonly provisioning: ProvisioningService) {}

  /** Resumes after `Last-Event-ID`. Ends with an event `end` that carries the job, once the job is over. */
  @Access('provisioning', 'admin', 'operator', 'customer')
  @Sse('tasks/:id/events')
  @ApiOperation({ summary: 'Server-sent events of a job, resumable by Last-Event-ID' })
  async events(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    const taskId = fromPublicId('job', id);
    await this.provisioning.view(taskId, ownCustomerId(caller));
    const after = /^\d{1,18}$/.test(lastEventId ?? '') ? (lastEventId as string) : '0';
    return new Observable((subscriber) => {
      const stop = new AbortController();
      this.follow(taskId, after, stop.signal, (event) => subscriber.next(event)).then(
        () => subscriber.complete(),
        (thrown: unknown) => (stop.signal.aborted ? subscriber.complete() : subscriber.error(thrown)),
      );
      return () => stop.abort();
    });
  }

  private async follow(
    taskId: string,
    after: string,
    signal: AbortSignal,
    send: (event: MessageEvent) => void,
  ): Promise<void> {
    let last = after;
    let quietSince = performance.now();
    while (!signal.aborted) {
      const task = await this.provisioning.view(taskId);
      const ended = over.includes(task.status);
      const events = await this.provisioning.events(taskId, last, { over: ended });
      for (const event of events) send(messageOf(event));
      last = events.at(-1)?.id ?? last;
      if (events.length === 0 && ended) {
        send({ id: last, type: 'end', data: taskOf(task) });
        return;
      }
      if (events.length > 0) quietSince = performance.now();
      if (performance.now() - quietSince > quietMs) {
        send({ id: last, type: 'quiet', data: {} });
        quietSince = performance.now();
      }
      await pause(lookEveryMs, undefined, { signal });
    }
  }
}

function messageOf({ id, at, type, step, data }: EventView): MessageEvent {
  return { id, type, data: { at: at.toISOString(), type, ...(step !== undefined && { step }), ...data } };
}
