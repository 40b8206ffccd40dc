import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Puts a step into the line. As a boolean: whether it stands there now, which it does not while somebody is at it. */
const joinLine = (returns: 'boolean' | 'void') => `
  CREATE FUNCTION join_connection_line(p_step uuid, p_connection uuid, p_retry_seconds double precision) RETURNS ${returns} LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO connection_line AS line (step_id, connection_id, task_id, direction, priority, turn, retry_at)
    SELECT s.id, p_connection, t.id, t.direction, t.priority, CASE WHEN s.state = 'intent' THEN '-infinity' ELSE t.turn END,
           clock_timestamp() + make_interval(secs => p_retry_seconds)
      FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id WHERE s.id = p_step
    ON CONFLICT (step_id) DO UPDATE
      SET connection_id = excluded.connection_id, direction = excluded.direction, turn = excluded.turn, retry_at = excluded.retry_at,
          ticket = NULL, lease_until = NULL
      WHERE line.ticket IS NULL OR line.lease_until < clock_timestamp();${returns === 'boolean' ? '\n    RETURN FOUND;' : ''}
  END $$;`;

/**
 * Lets a step begin (NULL), or puts it into the line. `full`: the connection has no room. `line`: it has, and others go first. `busy`: somebody is
 * at the step already.
 */
const admitStep = `
  CREATE FUNCTION admit_step(p_step uuid, p_connection uuid, p_ticket uuid, p_lease_seconds double precision, p_retry_seconds double precision)
  RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    gate connection_gates;
    place connection_line;
    room integer;
    lease timestamptz := clock_timestamp() + make_interval(secs => p_lease_seconds);
  BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT * INTO gate FROM connection_gates WHERE connection_id = p_connection FOR NO KEY UPDATE;
    SELECT * INTO place FROM connection_line WHERE step_id = p_step FOR UPDATE;
    IF place.lease_until > clock_timestamp() AND place.ticket IS NOT NULL THEN RETURN 'busy'; END IF;
    IF place.lease_until > clock_timestamp() AND place.connection_id = p_connection THEN
      UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
      RETURN NULL;
    END IF;
    room := connection_room(gate);
    IF room < 1 OR EXISTS (
      SELECT FROM connection_line l WHERE l.connection_id = p_connection AND l.lease_until IS NULL AND l.step_id <> p_step
    ) THEN
      PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
      RETURN CASE WHEN room < 1 THEN 'full' ELSE 'line' END;
    END IF;
    PERFORM take_connection_room(gate, 1, p_step);
    IF place.step_id IS NOT NULL OR gate.concurrency IS NOT NULL OR gate.opened_at IS NOT NULL THEN
      PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
      UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
    END IF;
    RETURN NULL;
  END $$;`;

/** The same as it was: a row that says why, with the gate. */
const oldAdmitStep = `
  CREATE FUNCTION admit_step(p_step uuid, p_connection uuid, p_ticket uuid, p_lease_seconds double precision, p_retry_seconds double precision)
  RETURNS TABLE (hold text, gate connection_gates) LANGUAGE plpgsql AS $$
  DECLARE
    place connection_line;
    lease timestamptz := clock_timestamp() + make_interval(secs => p_lease_seconds);
  BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
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

/**
 * What workers ask of the line is what they are told: whether a step may begin, and whether it stands in the line now. A step that only the
 * line keeps from a connection with room hears so, and its worker calls the first. Why steps wait is told to all of them by one look.
 */
export class ChangeLineAnswers1763700880000 implements MigrationInterface {
  name = 'ChangeLineAnswers1763700880000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP FUNCTION admit_step, join_connection_line;
      ${joinLine('boolean')}
      ${admitStep}
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP FUNCTION admit_step, join_connection_line;
      ${joinLine('void')}
      ${oldAdmitStep}
    `);
  }
}
