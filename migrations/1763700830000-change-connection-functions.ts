import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets a step begin; `first`: what it does before anything else. */
const admitStep = (first = '') => `
  CREATE OR REPLACE FUNCTION admit_step(p_step uuid, p_connection uuid, p_ticket uuid, p_lease_seconds double precision, p_retry_seconds double precision)
  RETURNS TABLE (hold text, gate connection_gates) LANGUAGE plpgsql AS $$
  DECLARE
    place connection_line;
    lease timestamptz := clock_timestamp() + make_interval(secs => p_lease_seconds);
  BEGIN
    ${first}
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
  END $$;`;

/** Ends a step's use of its connection, and calls the next in line. */
const leaveAndCall = (first = '') => `
  CREATE OR REPLACE FUNCTION leave_and_call(p_connection uuid, p_step uuid, p_ticket uuid, p_verdict text, p_pause_ms double precision,
    p_failures integer, p_probe_seconds double precision, p_longest_probe_seconds double precision, p_most integer, p_lease_seconds double precision)
  RETURNS TABLE (task uuid) LANGUAGE plpgsql AS $$
  BEGIN
    ${first}
    IF leave_connection(p_connection, p_step, p_ticket, p_verdict, p_pause_ms, p_failures, p_probe_seconds, p_longest_probe_seconds) THEN
      RETURN QUERY SELECT called.task FROM call_connection_line(p_connection, p_most, p_lease_seconds) called;
    END IF;
  END $$;`;

const withoutFlush = "PERFORM set_config('synchronous_commit', 'off', true);";

/**
 * Quicker lines. Functions that run with every step keep their plans, which those written in SQL do not ("Function Volatility", "PL/pgSQL Under
 * the Hood" in the Postgres documentation). Places are leases: to take and leave one does not wait for the disk, so that the gate's row is
 * locked the shorter; a database that crashes may forget those of the last half second ("Asynchronous Commit").
 */
export class ChangeConnectionFunctions1763700830000 implements MigrationInterface {
  name = 'ChangeConnectionFunctions1763700830000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION take_connection_room(gate connection_gates, p_count integer, p_step uuid) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE connection_gates
           SET tokens = coalesce(connection_tokens(gate) - p_count, tokens), filled_at = clock_timestamp(),
               probe_step = CASE WHEN opened_at IS NULL THEN NULL ELSE p_step END
         WHERE connection_id = gate.connection_id AND p_count > 0 AND (rate_per_second IS NOT NULL OR opened_at IS NOT NULL);
      END $$;

      CREATE OR REPLACE FUNCTION join_connection_line(p_step uuid, p_connection uuid, p_retry_seconds double precision) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO connection_line AS line (step_id, connection_id, task_id, direction, priority, turn, retry_at)
        SELECT s.id, p_connection, t.id, t.direction, t.priority, CASE WHEN s.state = 'intent' THEN '-infinity' ELSE t.turn END,
               clock_timestamp() + make_interval(secs => p_retry_seconds)
          FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id WHERE s.id = p_step
        ON CONFLICT (step_id) DO UPDATE
          SET connection_id = excluded.connection_id, direction = excluded.direction, turn = excluded.turn, retry_at = excluded.retry_at,
              ticket = NULL, lease_until = NULL
          WHERE line.ticket IS NULL OR line.lease_until < clock_timestamp();
      END $$;

      ${admitStep(withoutFlush)}

      ${leaveAndCall(withoutFlush)}
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION take_connection_room(gate connection_gates, p_count integer, p_step uuid) RETURNS void LANGUAGE sql AS $$
        UPDATE connection_gates
           SET tokens = coalesce(connection_tokens(gate) - p_count, tokens), filled_at = clock_timestamp(),
               probe_step = CASE WHEN opened_at IS NULL THEN NULL ELSE p_step END
         WHERE connection_id = gate.connection_id AND p_count > 0 AND (rate_per_second IS NOT NULL OR opened_at IS NOT NULL)
      $$;

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

      ${admitStep()}

      ${leaveAndCall()}
    `);
  }
}
