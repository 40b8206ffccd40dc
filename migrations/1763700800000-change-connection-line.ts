import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of `join_connection_line`; `head` is where a step that its worker left half-done comes in, or nothing. */
const joinLine = (head: string) => `
  CREATE OR REPLACE FUNCTION join_connection_line(p_step uuid, p_connection uuid, p_retry_seconds double precision) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(p_connection::text, 0));
    INSERT INTO connection_line AS line (step_id, connection_id, task_id, customer_id, direction, priority, turn, retry_at)
    SELECT s.id, p_connection, t.id, t.customer_id, t.direction, t.priority,
           coalesce(${head}(SELECT max(l.turn) + 1 FROM connection_line l WHERE l.connection_id = p_connection
                        AND l.customer_id = t.customer_id AND l.priority = t.priority AND l.lease_until IS NULL),
                    (SELECT min(l.turn) FROM connection_line l WHERE l.connection_id = p_connection
                        AND l.priority = t.priority AND l.lease_until IS NULL), 0),
           clock_timestamp() + make_interval(secs => p_retry_seconds)
      FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id WHERE s.id = p_step
    ON CONFLICT (step_id) DO UPDATE
      SET connection_id = excluded.connection_id, direction = excluded.direction, retry_at = excluded.retry_at,
          ticket = NULL, lease_until = NULL,
          turn = CASE WHEN line.connection_id = excluded.connection_id AND line.direction = excluded.direction
                      THEN line.turn ELSE excluded.turn END
      WHERE line.ticket IS NULL OR line.lease_until < clock_timestamp()
  $$`;

/** What a dead worker had begun goes before all that wait: its customer has had the turn already, and the vendor may hold half of it. */
const interruptedFirst = `
             (SELECT min(l.turn) - 1 FROM connection_line l WHERE s.state = 'intent' AND l.connection_id = p_connection
                 AND l.priority = t.priority AND l.lease_until IS NULL AND l.step_id <> s.id),
             `;

export class ChangeConnectionLine1763700800000 implements MigrationInterface {
  name = 'ChangeConnectionLine1763700800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(joinLine(interruptedFirst));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(joinLine(''));
  }
}
