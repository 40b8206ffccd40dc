import type { EntityManager } from 'typeorm';
import type { Alert } from './alert.entity.js';

/** Something that is wrong at this moment. */
export type AlertCondition = Pick<Alert, 'key' | 'severity' | 'title' | 'detail'> & {
  /** What it is about, for people and programs: names and public ids. */
  facts?: Record<string, string>;
};

/** Knows of one kind of trouble whether it is there now. Level, not edge: it is asked again and again, and answers from the tables. */
export interface AlertSource {
  /** Such as `server.full`. Of each kind there is one source. */
  readonly kind: string;
  /** Everything of this kind that is wrong now. Reads only. */
  current(manager: EntityManager): Promise<AlertCondition[]>;
}
