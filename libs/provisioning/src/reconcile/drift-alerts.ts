import type { DriftKind } from '@keelson/core';
import { Injectable, Logger } from '@nestjs/common';
import type { Area } from './reconcile.types.js';

/** Something that a person should hear of. */
export type DriftAlert =
  | {
      /** Differences that were seen for the second time. */
      type: 'drift.found';
      connection: string;
      area: Area;
      findings: { id: string; kind: DriftKind; key: string }[];
    }
  | {
      /** A list that is not believed; nothing was concluded from it. */
      type: 'drift.suspicious';
      connection: string;
      area: Area;
      why: 'empty' | 'shrunk';
      listed: number;
      believed: number;
    };

export type DriftListener = (alert: DriftAlert) => void | Promise<void>;

/**
 * Tells whoever listens in this process, after the commit of what it tells of. A process that dies in between tells nobody: the
 * findings are in the table all the same. A list that stays suspicious is told again at every observation.
 */
@Injectable()
export class DriftAlerts {
  private readonly logger = new Logger('Drift');
  private readonly listeners = new Set<DriftListener>();

  listen(listener: DriftListener): void {
    this.listeners.add(listener);
  }

  /** Never throws: a listener that fails is logged. */
  async tell(alert: DriftAlert): Promise<void> {
    this.logger.warn(alert);
    for (const listener of this.listeners) {
      try {
        await listener(alert);
      } catch (error) {
        this.logger.error(`a listener to ${alert.type} failed: ${String(error)}`);
      }
    }
  }
}
