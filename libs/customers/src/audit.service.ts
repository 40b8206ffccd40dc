import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

export interface AuditRecord {
  /** Public id of a user or key, or `system`. */
  actor: string;
  /** Dotted, past tense: `customer.created`. */
  action: string;
  subjectType: string;
  subjectId: string;
  /** What changed. Never a secret. */
  detail?: Record<string, unknown>;
  ip?: string;
  requestId?: string;
}

/** Writes down who did what. */
@Injectable()
export class AuditService {
  /** Adds an entry in the transaction of what it tells of: both are kept, or neither. */
  async record(manager: EntityManager, record: AuditRecord): Promise<void> {
    const { actor, action, subjectType, subjectId, detail = {}, ip, requestId } = record;
    await manager.query(
      `INSERT INTO audit_log (actor, action, subject_type, subject_id, detail, ip, request_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [actor, action, subjectType, subjectId, detail, ip ?? null, requestId ?? null],
    );
  }
}
