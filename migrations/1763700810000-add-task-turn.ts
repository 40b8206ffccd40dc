import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The turn of a task, kept in every line that its steps stand in: when it was ordered, but each of a customer's at least a minute after the one
 * before. So customers take turns, nobody waits for ever, and of one customer's tasks the oldest goes on first at every connection.
 */
export class AddTaskTurn1763700810000 implements MigrationInterface {
  name = 'AddTaskTurn1763700810000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE provisioning_tasks ADD COLUMN turn timestamptz NOT NULL DEFAULT now();
      UPDATE provisioning_tasks SET turn = created_at WHERE status IN ('queued', 'running', 'waiting');
      DROP INDEX provisioning_tasks_queued_idx;
      CREATE INDEX provisioning_tasks_turn_idx ON provisioning_tasks (customer_id, priority, turn)
        WHERE status IN ('queued', 'running', 'waiting');

      DROP INDEX connection_line_turn_idx, connection_line_customer_idx;
      ALTER TABLE connection_line ADD COLUMN task_turn timestamptz;
      UPDATE connection_line l SET task_turn = t.turn FROM provisioning_tasks t WHERE t.id = l.task_id;
      ALTER TABLE connection_line DROP COLUMN turn, DROP COLUMN customer_id;
      ALTER TABLE connection_line RENAME COLUMN task_turn TO turn;
      ALTER TABLE connection_line ALTER COLUMN turn SET NOT NULL;
      CREATE INDEX connection_line_turn_idx ON connection_line (connection_id, priority, turn, since) WHERE lease_until IS NULL;

      -- Puts a step into the line by its task's turn, or leaves it at its place. What a dead worker had begun goes before all that wait: its
      -- customer has had the turn already, and the vendor may hold half of it. The place of a step that is under way is left alone.
      CREATE OR REPLACE FUNCTION join_connection_line(p_step uuid, p_connection uuid, p_retry_seconds double precision) RETURNS void LANGUAGE sql AS $$
        INSERT INTO connection_line AS line (step_id, connection_id, task_id, direction, priority, turn, retry_at)
        SELECT s.id, p_connection, t.id, t.direction, t.priority, CASE WHEN s.state = 'intent' THEN '-infinity' ELSE t.turn END,
               clock_timestamp() + make_interval(secs => p_retry_seconds)
          FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id WHERE s.id = p_step
        ON CONFLICT (step_id) DO UPDATE
          SET connection_id = excluded.connection_id, direction = excluded.direction, turn = excluded.turn, retry_at = excluded.retry_at,
              ticket = NULL, lease_until = NULL
          WHERE line.ticket IS NULL OR line.lease_until < clock_timestamp()
      $$;

      -- Lets a step begin (no row), or puts it into the line and says why. A step that was called from the line has its place.
      DROP FUNCTION admit_step;
      CREATE FUNCTION admit_step(p_step uuid, p_connection uuid, p_ticket uuid, p_lease_seconds double precision, p_retry_seconds double precision)
      RETURNS TABLE (hold text, gate connection_gates) LANGUAGE plpgsql AS $$
      DECLARE
        place connection_line;
        lease timestamptz := clock_timestamp() + make_interval(secs => p_lease_seconds);
      BEGIN
        SELECT * INTO gate FROM connection_gates WHERE connection_id = p_connection FOR NO KEY UPDATE;
        SELECT * INTO place FROM connection_line WHERE step_id = p_step FOR UPDATE;
        IF place.lease_until > clock_timestamp() AND place.ticket IS NOT NULL THEN
          hold := 'busy';
          RETURN NEXT;
          RETURN;
        END IF;
        IF place.lease_until > clock_timestamp() AND place.connection_id = p_connection THEN
          UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
          RETURN;
        END IF;
        IF connection_room(gate) < 1 OR EXISTS (
          SELECT FROM connection_line l WHERE l.connection_id = p_connection AND l.lease_until IS NULL AND l.step_id <> p_step
        ) THEN
          PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
          hold := CASE WHEN gate.not_before > clock_timestamp() THEN 'paused'
                       WHEN gate.opened_at IS NOT NULL THEN 'open'
                       WHEN connection_tokens(gate) < 1 OR (gate.rate_per_second IS NOT NULL AND gate.concurrency IS NULL) THEN 'rate'
                       WHEN gate.concurrency IS NOT NULL THEN 'concurrency'
                       ELSE 'line' END;
          RETURN NEXT;
          RETURN;
        END IF;
        PERFORM take_connection_room(gate, 1, p_step);
        IF place.step_id IS NOT NULL OR gate.concurrency IS NOT NULL OR gate.opened_at IS NOT NULL THEN
          PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
          UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
        END IF;
      END $$;

      -- Ends a step's use of its connection, and calls the next in line.
      CREATE FUNCTION leave_and_call(p_connection uuid, p_step uuid, p_ticket uuid, p_verdict text, p_pause_ms double precision,
        p_failures integer, p_probe_seconds double precision, p_longest_probe_seconds double precision, p_most integer, p_lease_seconds double precision)
      RETURNS TABLE (task uuid) LANGUAGE plpgsql AS $$
      BEGIN
        IF leave_connection(p_connection, p_step, p_ticket, p_verdict, p_pause_ms, p_failures, p_probe_seconds, p_longest_probe_seconds) THEN
          RETURN QUERY SELECT called.task FROM call_connection_line(p_connection, p_most, p_lease_seconds) called;
        END IF;
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP FUNCTION leave_and_call, admit_step;
      DROP INDEX connection_line_turn_idx;
      ALTER TABLE connection_line ADD COLUMN customer_id uuid, ADD COLUMN task_turn bigint;
      UPDATE connection_line l SET customer_id = t.customer_id, task_turn = extract(epoch FROM t.turn) FROM provisioning_tasks t WHERE t.id = l.task_id;
      ALTER TABLE connection_line DROP COLUMN turn;
      ALTER TABLE connection_line RENAME COLUMN task_turn TO turn;
      ALTER TABLE connection_line ALTER COLUMN turn SET NOT NULL, ALTER COLUMN customer_id SET NOT NULL;
      CREATE INDEX connection_line_turn_idx ON connection_line (connection_id, priority, turn, since) WHERE lease_until IS NULL;
      CREATE INDEX connection_line_customer_idx ON connection_line (connection_id, customer_id, priority, turn) WHERE lease_until IS NULL;
      DROP INDEX provisioning_tasks_turn_idx;
      CREATE INDEX provisioning_tasks_queued_idx ON provisioning_tasks (customer_id, priority) WHERE status = 'queued';
      ALTER TABLE provisioning_tasks DROP COLUMN turn;

      CREATE OR REPLACE FUNCTION join_connection_line(p_step uuid, p_connection uuid, p_retry_seconds double precision) RETURNS void LANGUAGE sql AS $$
        SELECT pg_advisory_xact_lock(hashtextextended(p_connection::text, 0));
        INSERT INTO connection_line AS line (step_id, connection_id, task_id, customer_id, direction, priority, turn, retry_at)
        SELECT s.id, p_connection, t.id, t.customer_id, t.direction, t.priority,
               coalesce((SELECT min(l.turn) - 1 FROM connection_line l WHERE s.state = 'intent' AND l.connection_id = p_connection
                            AND l.priority = t.priority AND l.lease_until IS NULL AND l.step_id <> s.id),
                        (SELECT max(l.turn) + 1 FROM connection_line l WHERE l.connection_id = p_connection
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
      $$;

      CREATE FUNCTION admit_step(p_step uuid, p_connection uuid, p_ticket uuid, p_lease_seconds double precision, p_retry_seconds double precision)
      RETURNS text LANGUAGE plpgsql AS $$
      DECLARE
        gate connection_gates;
        place connection_line;
        lease timestamptz := clock_timestamp() + make_interval(secs => p_lease_seconds);
      BEGIN
        SELECT * INTO gate FROM connection_gates WHERE connection_id = p_connection FOR NO KEY UPDATE;
        SELECT * INTO place FROM connection_line WHERE step_id = p_step FOR UPDATE;
        IF place.lease_until > clock_timestamp() AND place.ticket IS NOT NULL THEN RETURN 'busy'; END IF;
        IF place.lease_until > clock_timestamp() AND place.connection_id = p_connection THEN
          UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
          RETURN NULL;
        END IF;
        IF connection_room(gate) < 1 OR EXISTS (
          SELECT FROM connection_line l WHERE l.connection_id = p_connection AND l.lease_until IS NULL AND l.step_id <> p_step
        ) THEN
          PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
          RETURN CASE WHEN gate.not_before > clock_timestamp() THEN 'paused'
                      WHEN gate.opened_at IS NOT NULL THEN 'open'
                      WHEN connection_tokens(gate) < 1 OR (gate.rate_per_second IS NOT NULL AND gate.concurrency IS NULL) THEN 'rate'
                      WHEN gate.concurrency IS NOT NULL THEN 'concurrency'
                      ELSE 'line' END;
        END IF;
        PERFORM take_connection_room(gate, 1, p_step);
        IF place.step_id IS NOT NULL OR gate.concurrency IS NOT NULL OR gate.opened_at IS NOT NULL THEN
          PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
          UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
        END IF;
        RETURN NULL;
      END $$;
    `);
  }
}
